// Made by `npm run generate -w @twolane/client` from the gateway's /openapi.json.

export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process lives */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            status: "ok";
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether it can take tasks */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            status: "ready" | "waiting";
                            reasons: string[];
                            workers: {
                                fast: number;
                                deep: number;
                            };
                        };
                    };
                };
                /** @description Default Response */
                503: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            status: "ready" | "waiting";
                            reasons: string[];
                            workers: {
                                fast: number;
                                deep: number;
                            };
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sign in on the page, with what stands behind the # of a sign-in link */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        token: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Me"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        /** Sign out */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who calls */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Me"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Sign out everywhere */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in-links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A link that signs in on the page, once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        key?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            url: string;
                            expiresAt: number;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who did what, newest first; all of it as JSON lines for application/x-ndjson */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    cursor?: string;
                    action?: string;
                    by?: string;
                    object?: string;
                    since?: number;
                    until?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page, or every record that is kept, oldest first. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["AuditRecord"][];
                            nextCursor: string | null;
                        };
                        "application/x-ndjson": string;
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the audit log is whole; with a head that was kept elsewhere, also against that */
        get: {
            parameters: {
                query?: {
                    seq?: number;
                    mac?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            ok: boolean;
                            from: number;
                            head: {
                                seq: number;
                                mac: string;
                            };
                            problems: {
                                seq: number;
                                what: string;
                            }[];
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The keys of the team */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    cursor?: string;
                    team?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Key"][];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Make a key; its secret is in this answer alone */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                        /** Format: email */
                        email?: string;
                        /**
                         * @default member
                         * @enum {string}
                         */
                        role?: "viewer" | "member" | "admin";
                        team?: string;
                        expiresAt?: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            team: string;
                            name: string;
                            email?: string;
                            /** @enum {string} */
                            role: "viewer" | "member" | "admin";
                            createdAt: number;
                            createdBy: {
                                key: string;
                                name: string;
                            };
                            lastUsedAt?: number;
                            expiresAt?: number;
                            secret: string;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke a key, with its sessions and open streams */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/repos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All repos */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    cursor?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Repo"][];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Register a repo; its mirror is made first */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        name: string;
                        source: string;
                        defaultBranch?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Repo"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/repos/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One repo */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Repo"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Remove a repo; its tasks stay readable */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/repos/{name}/credential": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set the credential for a repo's source, also before it is registered */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        kind: "token";
                        user?: string;
                        token: string;
                    } | {
                        /** @enum {string} */
                        kind: "ssh";
                        privateKey: string;
                        knownHosts?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        /** Delete the credential */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/repos/{name}/secrets/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set a secret for a repo's setup */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                    key: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        value: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        /** Delete a secret */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                    key: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/repos/{name}/github": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Link a repo with the GitHub repository that its source is, through the GitHub App */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        label?: string;
                        /** @default 1 */
                        fixTurns?: number;
                        team?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Repo"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        /** Unlink a repo from GitHub: nothing said there reaches it any more */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    name: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many tasks stand in each status */
        get: {
            parameters: {
                query?: {
                    lane?: "fast" | "deep";
                    repo?: string;
                    label?: string;
                    by?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            statuses: {
                                [key: string]: number;
                            };
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hindsight": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which lane past tasks should have taken, and why, newest first */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    cursor?: string;
                    status?: "succeeded" | "failed" | "canceled" | "limited" | "handed_off";
                    lane?: "fast" | "deep";
                    repo?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: {
                                task: string;
                                title: string;
                                repo: string;
                                /** @enum {string} */
                                status: "queued" | "running" | "waiting" | "canceling" | "succeeded" | "failed" | "canceled" | "limited" | "handed_off";
                                endedAt: number;
                                /** @enum {string} */
                                took: "fast" | "deep";
                                /** @enum {string} */
                                should: "fast" | "deep";
                                reasons: {
                                    /** @enum {string} */
                                    name: "handed-off" | "hit-a-limit" | "many-red-cycles" | "large-change" | "many-turns" | "started-over" | "small-change" | "quick-run" | "waited-longer-than-it-ran";
                                    /** @enum {string} */
                                    speaksFor: "fast" | "deep";
                                    detail: string;
                                }[];
                            }[];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tasks, newest first */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    cursor?: string;
                    lane?: "fast" | "deep";
                    status?: "queued" | "running" | "waiting" | "canceling" | "succeeded" | "failed" | "canceled" | "limited" | "handed_off";
                    repo?: string;
                    label?: string;
                    by?: string;
                    q?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Task"][];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Submit a task */
        post: {
            parameters: {
                query?: {
                    onDisconnect?: "continue";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        scope?: string[];
                        /** @enum {string} */
                        test?: "targeted" | "all" | "none";
                        guardrails?: {
                            maxFiles?: number;
                            maxChangedLines?: number;
                            /** @enum {string} */
                            overSize?: "deny" | "steer" | "ask" | "hand_off";
                            scope?: string[];
                            /** @enum {string} */
                            newDependencies?: "allow" | "deny" | "steer" | "ask" | "hand_off";
                            /** @enum {string} */
                            testTampering?: "allow" | "deny" | "steer" | "ask" | "hand_off";
                            /** @enum {string} */
                            commands?: "allow" | "deny" | "ask";
                            maxCycles?: number;
                            /** @enum {string} */
                            afterCycles?: "limited" | "hand_off";
                            maxSteps?: number;
                            maxSeconds?: number;
                            maxTokens?: number;
                            maxCostUsd?: number;
                            protected?: string[];
                        };
                        budget?: {
                            seconds?: number;
                            tokens?: number;
                            costUsd?: number;
                            steps?: number;
                        };
                        model?: string;
                        engine?: string;
                        /** @enum {string} */
                        plan?: "none" | "approve";
                        /** @enum {string} */
                        publish?: "none" | "branch" | "pull_request";
                        repo: string;
                        prompt: string;
                        /**
                         * @default auto
                         * @enum {string}
                         */
                        lane?: "fast" | "deep" | "auto";
                        base?: string;
                        /**
                         * @default normal
                         * @enum {string}
                         */
                        priority?: "urgent" | "high" | "normal" | "low";
                        /** @default [] */
                        labels?: string[];
                        notBefore?: number;
                        startBy?: number;
                        after?: string[];
                        changes?: string;
                        candidates?: number | {
                            /**
                             * @default deep
                             * @enum {string}
                             */
                            lane?: "fast" | "deep";
                            model?: string;
                        }[];
                    };
                };
            };
            responses: {
                /** @description In the fast lane: the turn's events as they happen, or the task when the turn has ended. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                        "text/event-stream": string;
                    };
                };
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One task */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel the running and all waiting turns */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        reason?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}/interrupt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel the running turn only */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": Record<string, never>;
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Submit many deep tasks at once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        tasks: {
                            [key: string]: unknown;
                        }[];
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: (components["schemas"]["Task"] | components["schemas"]["Problem"])[];
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel the running and all waiting turns of many tasks */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        reason?: string;
                        tasks: string[];
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: ({
                                id: string;
                                /** @enum {string} */
                                status: "queued" | "running" | "waiting" | "canceling" | "succeeded" | "failed" | "canceled" | "limited" | "handed_off";
                            } | components["schemas"]["Problem"])[];
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/groups/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The candidates of one request beside each other, best first */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            team: string;
                            repo: string;
                            title: string;
                            prompt: string;
                            by: {
                                key: string;
                                name: string;
                            };
                            base: string | null;
                            createdAt: number;
                            race: boolean;
                            /** @enum {string} */
                            status: "open" | "ended";
                            chosen?: string;
                            best?: string;
                            candidates: {
                                task: string;
                                /** @enum {string} */
                                lane: "fast" | "deep";
                                model?: string;
                                branch: string;
                                /** @enum {string} */
                                status: "queued" | "running" | "waiting" | "canceling" | "succeeded" | "failed" | "canceled" | "limited" | "handed_off";
                                outcome?: {
                                    /** @enum {string} */
                                    status: "succeeded";
                                    detail?: string;
                                } | {
                                    /** @enum {string} */
                                    status: "failed";
                                    /** @enum {string} */
                                    code: "model-auth" | "model-unknown" | "model-rate-limited" | "model-unavailable" | "model-refused" | "context-overflow" | "tests-red" | "guardrail-denied" | "setup-failed" | "workspace-failed" | "publish-failed" | "dependency-failed" | "expired" | "worker-lost" | "stalled" | "internal";
                                    detail?: string;
                                } | {
                                    /** @enum {string} */
                                    status: "canceled";
                                    by: {
                                        key: string;
                                        name: string;
                                    };
                                    detail?: string;
                                } | {
                                    /** @enum {string} */
                                    status: "limited";
                                    /** @enum {string} */
                                    which: "seconds" | "tokens" | "cost" | "steps" | "cycles" | "context";
                                    detail?: string;
                                } | {
                                    /** @enum {string} */
                                    status: "handed_off";
                                    detail?: string;
                                };
                                tests?: {
                                    /** @enum {string} */
                                    status: "passed" | "failed" | "none_selected" | "flaky" | "timed_out" | "error";
                                    failedAtBase?: number;
                                };
                                change?: {
                                    files: number;
                                    added: number;
                                    removed: number;
                                };
                                trips: {
                                    [key: string]: number;
                                };
                                gates: number;
                                usage: {
                                    inputTokens: number;
                                    cachedTokens: number;
                                    outputTokens: number;
                                    costUsd: number | null;
                                    steps: number;
                                };
                                runningMs: number;
                                /** @enum {string} */
                                review: "none" | "open" | "accepted" | "discarded";
                                reviewHead?: string;
                                rank: number;
                                reason: string;
                            }[];
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/groups/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancel all candidates of a group */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        reason?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            team: string;
                            repo: string;
                            title: string;
                            prompt: string;
                            by: {
                                key: string;
                                name: string;
                            };
                            base: string | null;
                            createdAt: number;
                            race: boolean;
                            /** @enum {string} */
                            status: "open" | "ended";
                            chosen?: string;
                            best?: string;
                            candidates: {
                                task: string;
                                /** @enum {string} */
                                lane: "fast" | "deep";
                                model?: string;
                                branch: string;
                                /** @enum {string} */
                                status: "queued" | "running" | "waiting" | "canceling" | "succeeded" | "failed" | "canceled" | "limited" | "handed_off";
                                outcome?: {
                                    /** @enum {string} */
                                    status: "succeeded";
                                    detail?: string;
                                } | {
                                    /** @enum {string} */
                                    status: "failed";
                                    /** @enum {string} */
                                    code: "model-auth" | "model-unknown" | "model-rate-limited" | "model-unavailable" | "model-refused" | "context-overflow" | "tests-red" | "guardrail-denied" | "setup-failed" | "workspace-failed" | "publish-failed" | "dependency-failed" | "expired" | "worker-lost" | "stalled" | "internal";
                                    detail?: string;
                                } | {
                                    /** @enum {string} */
                                    status: "canceled";
                                    by: {
                                        key: string;
                                        name: string;
                                    };
                                    detail?: string;
                                } | {
                                    /** @enum {string} */
                                    status: "limited";
                                    /** @enum {string} */
                                    which: "seconds" | "tokens" | "cost" | "steps" | "cycles" | "context";
                                    detail?: string;
                                } | {
                                    /** @enum {string} */
                                    status: "handed_off";
                                    detail?: string;
                                };
                                tests?: {
                                    /** @enum {string} */
                                    status: "passed" | "failed" | "none_selected" | "flaky" | "timed_out" | "error";
                                    failedAtBase?: number;
                                };
                                change?: {
                                    files: number;
                                    added: number;
                                    removed: number;
                                };
                                trips: {
                                    [key: string]: number;
                                };
                                gates: number;
                                usage: {
                                    inputTokens: number;
                                    cachedTokens: number;
                                    outputTokens: number;
                                    costUsd: number | null;
                                    steps: number;
                                };
                                runningMs: number;
                                /** @enum {string} */
                                review: "none" | "open" | "accepted" | "discarded";
                                reviewHead?: string;
                                rank: number;
                                reason: string;
                            }[];
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}/turns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add a turn */
        post: {
            parameters: {
                query?: {
                    onDisconnect?: "continue";
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        scope?: string[];
                        /** @enum {string} */
                        test?: "targeted" | "all" | "none";
                        guardrails?: {
                            maxFiles?: number;
                            maxChangedLines?: number;
                            /** @enum {string} */
                            overSize?: "deny" | "steer" | "ask" | "hand_off";
                            scope?: string[];
                            /** @enum {string} */
                            newDependencies?: "allow" | "deny" | "steer" | "ask" | "hand_off";
                            /** @enum {string} */
                            testTampering?: "allow" | "deny" | "steer" | "ask" | "hand_off";
                            /** @enum {string} */
                            commands?: "allow" | "deny" | "ask";
                            maxCycles?: number;
                            /** @enum {string} */
                            afterCycles?: "limited" | "hand_off";
                            maxSteps?: number;
                            maxSeconds?: number;
                            maxTokens?: number;
                            maxCostUsd?: number;
                            protected?: string[];
                        };
                        budget?: {
                            seconds?: number;
                            tokens?: number;
                            costUsd?: number;
                            steps?: number;
                        };
                        model?: string;
                        engine?: string;
                        /** @enum {string} */
                        plan?: "none" | "approve";
                        /** @enum {string} */
                        publish?: "none" | "branch" | "pull_request";
                        prompt: string;
                        /** @enum {string} */
                        lane?: "fast" | "deep";
                        interrupt?: boolean;
                    };
                };
            };
            responses: {
                /** @description In the fast lane: the turn's events as they happen, or the task when the turn has ended. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                        "text/event-stream": string;
                    };
                };
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for the last turn again */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /**
                         * @default checkpoint
                         * @enum {string}
                         */
                        from?: "checkpoint" | "base";
                    };
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}/steer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give the running turn a note */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        prompt: string;
                        turn: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            steer: string;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Go back one checkpoint
         * @description The next turn, the diff and an accept then start from the checkpoint before the newest.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": Record<string, never>;
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/disk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What each repo takes on each machine, as of the last ten minutes */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            hosts: {
                                host: string;
                                at: number;
                                freeBytes: number;
                                totalBytes: number;
                            }[];
                            items: {
                                repo: string;
                                host: string;
                                mirrorBytes: number;
                                preparedBytes: number;
                                cacheBytes: number;
                                workspaceBytes: number;
                                reclaimedAt?: number;
                                kept?: string;
                            }[];
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/disk/reclaim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tidy a repo on every machine: done when its reclaimedAt is at least this answer's requestedAt */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        repo: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            repo: string;
                            requestedAt: number;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A task's log, as a page or as a stream */
        get: {
            parameters: {
                query?: {
                    after?: string;
                    cursor?: string;
                    limit?: number;
                    follow?: "always";
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page of the log, or with `Accept: text/event-stream` the log and then what happens. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["TaskEvent"][];
                            nextCursor: string | null;
                        };
                        "text/event-stream": string;
                    };
                };
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything that happens in the team, as a stream */
        get: {
            parameters: {
                query?: {
                    after?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Server-sent events; each `data` is an event, and each `id` a cursor of this stream. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/event-stream": components["schemas"]["TaskEvent"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/gates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What waits for a person */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    cursor?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Gate"][];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}/gates/{gate}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Decide a gate */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    gate: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        decision: "allow" | "deny";
                        note?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a task changed */
        get: {
            parameters: {
                query?: {
                    from?: "base" | "turn";
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description The change since the base, or since the last turn began. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/x-diff": string;
                        "application/json": {
                            files: {
                                path: string;
                                /** @enum {string} */
                                change: "added" | "modified" | "deleted" | "renamed";
                                added: number;
                                removed: number;
                                from?: string;
                                binary?: boolean;
                                patch: string;
                            }[];
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Deliver the change: push its branch, merge it, or open its pull request */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /**
                         * @default push
                         * @enum {string}
                         */
                        how?: "push" | "merge" | "pull_request";
                        head?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tasks/{id}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Close the task without its change */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": Record<string, never>;
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Task"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What each lane's queue does now */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            lanes: {
                                fast: {
                                    waiting: number;
                                    running: number;
                                    slots: number;
                                    limits: {
                                        perRepo: number;
                                        perTeam?: number;
                                        perPerson?: number;
                                        perProvider?: number;
                                        urgent?: number;
                                        teams?: {
                                            [key: string]: {
                                                share?: number;
                                                atOnce?: number;
                                                perPerson?: number;
                                                reserved?: number;
                                                repos?: {
                                                    [key: string]: number;
                                                };
                                            };
                                        };
                                        providers?: {
                                            [key: string]: number;
                                        };
                                    };
                                    pausedRepos: string[];
                                    oldestWaitMs: number;
                                    ratePerHour: number;
                                    etaMs: number | null;
                                    paused: boolean;
                                    providers: {
                                        host: string;
                                        model: string;
                                        /** @enum {string} */
                                        state: "open" | "short" | "blocked";
                                        reason: string | null;
                                        opensAt: number | null;
                                        inFlight: number;
                                        waiting: number;
                                        requests: {
                                            limit: number;
                                            remaining: number;
                                        } | null;
                                        tokens: {
                                            limit: number;
                                            remaining: number;
                                        } | null;
                                    }[];
                                };
                                deep: {
                                    waiting: number;
                                    running: number;
                                    slots: number;
                                    limits: {
                                        perRepo: number;
                                        perTeam?: number;
                                        perPerson?: number;
                                        perProvider?: number;
                                        urgent?: number;
                                        teams?: {
                                            [key: string]: {
                                                share?: number;
                                                atOnce?: number;
                                                perPerson?: number;
                                                reserved?: number;
                                                repos?: {
                                                    [key: string]: number;
                                                };
                                            };
                                        };
                                        providers?: {
                                            [key: string]: number;
                                        };
                                    };
                                    pausedRepos: string[];
                                    oldestWaitMs: number;
                                    ratePerHour: number;
                                    etaMs: number | null;
                                    paused: boolean;
                                    providers: {
                                        host: string;
                                        model: string;
                                        /** @enum {string} */
                                        state: "open" | "short" | "blocked";
                                        reason: string | null;
                                        opensAt: number | null;
                                        inFlight: number;
                                        waiting: number;
                                        requests: {
                                            limit: number;
                                            remaining: number;
                                        } | null;
                                        tokens: {
                                            limit: number;
                                            remaining: number;
                                        } | null;
                                    }[];
                                };
                            };
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queue/{lane}/waiting": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The tasks that wait in a lane, in the order in which they are picked */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    cursor?: string;
                };
                header?: never;
                path: {
                    lane: "fast" | "deep";
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["Task"][];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The workers that are there */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: components["schemas"]["WorkerView"][];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queue/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pause the starting of turns, of a lane or of one repo */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        lane?: "fast" | "deep";
                        repo?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            lanes: {
                                fast: {
                                    waiting: number;
                                    running: number;
                                    slots: number;
                                    limits: {
                                        perRepo: number;
                                        perTeam?: number;
                                        perPerson?: number;
                                        perProvider?: number;
                                        urgent?: number;
                                        teams?: {
                                            [key: string]: {
                                                share?: number;
                                                atOnce?: number;
                                                perPerson?: number;
                                                reserved?: number;
                                                repos?: {
                                                    [key: string]: number;
                                                };
                                            };
                                        };
                                        providers?: {
                                            [key: string]: number;
                                        };
                                    };
                                    pausedRepos: string[];
                                    oldestWaitMs: number;
                                    ratePerHour: number;
                                    etaMs: number | null;
                                    paused: boolean;
                                    providers: {
                                        host: string;
                                        model: string;
                                        /** @enum {string} */
                                        state: "open" | "short" | "blocked";
                                        reason: string | null;
                                        opensAt: number | null;
                                        inFlight: number;
                                        waiting: number;
                                        requests: {
                                            limit: number;
                                            remaining: number;
                                        } | null;
                                        tokens: {
                                            limit: number;
                                            remaining: number;
                                        } | null;
                                    }[];
                                };
                                deep: {
                                    waiting: number;
                                    running: number;
                                    slots: number;
                                    limits: {
                                        perRepo: number;
                                        perTeam?: number;
                                        perPerson?: number;
                                        perProvider?: number;
                                        urgent?: number;
                                        teams?: {
                                            [key: string]: {
                                                share?: number;
                                                atOnce?: number;
                                                perPerson?: number;
                                                reserved?: number;
                                                repos?: {
                                                    [key: string]: number;
                                                };
                                            };
                                        };
                                        providers?: {
                                            [key: string]: number;
                                        };
                                    };
                                    pausedRepos: string[];
                                    oldestWaitMs: number;
                                    ratePerHour: number;
                                    etaMs: number | null;
                                    paused: boolean;
                                    providers: {
                                        host: string;
                                        model: string;
                                        /** @enum {string} */
                                        state: "open" | "short" | "blocked";
                                        reason: string | null;
                                        opensAt: number | null;
                                        inFlight: number;
                                        waiting: number;
                                        requests: {
                                            limit: number;
                                            remaining: number;
                                        } | null;
                                        tokens: {
                                            limit: number;
                                            remaining: number;
                                        } | null;
                                    }[];
                                };
                            };
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queue/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resume the starting of turns, of a lane or of one repo */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        lane?: "fast" | "deep";
                        repo?: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            lanes: {
                                fast: {
                                    waiting: number;
                                    running: number;
                                    slots: number;
                                    limits: {
                                        perRepo: number;
                                        perTeam?: number;
                                        perPerson?: number;
                                        perProvider?: number;
                                        urgent?: number;
                                        teams?: {
                                            [key: string]: {
                                                share?: number;
                                                atOnce?: number;
                                                perPerson?: number;
                                                reserved?: number;
                                                repos?: {
                                                    [key: string]: number;
                                                };
                                            };
                                        };
                                        providers?: {
                                            [key: string]: number;
                                        };
                                    };
                                    pausedRepos: string[];
                                    oldestWaitMs: number;
                                    ratePerHour: number;
                                    etaMs: number | null;
                                    paused: boolean;
                                    providers: {
                                        host: string;
                                        model: string;
                                        /** @enum {string} */
                                        state: "open" | "short" | "blocked";
                                        reason: string | null;
                                        opensAt: number | null;
                                        inFlight: number;
                                        waiting: number;
                                        requests: {
                                            limit: number;
                                            remaining: number;
                                        } | null;
                                        tokens: {
                                            limit: number;
                                            remaining: number;
                                        } | null;
                                    }[];
                                };
                                deep: {
                                    waiting: number;
                                    running: number;
                                    slots: number;
                                    limits: {
                                        perRepo: number;
                                        perTeam?: number;
                                        perPerson?: number;
                                        perProvider?: number;
                                        urgent?: number;
                                        teams?: {
                                            [key: string]: {
                                                share?: number;
                                                atOnce?: number;
                                                perPerson?: number;
                                                reserved?: number;
                                                repos?: {
                                                    [key: string]: number;
                                                };
                                            };
                                        };
                                        providers?: {
                                            [key: string]: number;
                                        };
                                    };
                                    pausedRepos: string[];
                                    oldestWaitMs: number;
                                    ratePerHour: number;
                                    etaMs: number | null;
                                    paused: boolean;
                                    providers: {
                                        host: string;
                                        model: string;
                                        /** @enum {string} */
                                        state: "open" | "short" | "blocked";
                                        reason: string | null;
                                        opensAt: number | null;
                                        inFlight: number;
                                        waiting: number;
                                        requests: {
                                            limit: number;
                                            remaining: number;
                                        } | null;
                                        tokens: {
                                            limit: number;
                                            remaining: number;
                                        } | null;
                                    }[];
                                };
                            };
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queue/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change the deep lane's limits: what is not named stays, null takes a limit away
         * @description The admins of a team change the limits of its repos and of its people. All else, and other teams', is for the key of the settings and the admins of the team default. What runs goes on; what is given out from then on keeps the new limits.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        perRepo?: number | null;
                        perTeam?: number | null;
                        perPerson?: number | null;
                        perProvider?: number | null;
                        urgent?: number | null;
                        teams?: {
                            [key: string]: {
                                share?: number | null;
                                atOnce?: number | null;
                                perPerson?: number | null;
                                reserved?: number | null;
                                repos?: {
                                    [key: string]: number | null;
                                };
                            };
                        };
                        providers?: {
                            [key: string]: number | null;
                        };
                        /**
                         * @default deep
                         * @enum {string}
                         */
                        lane?: "fast" | "deep";
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            lanes: {
                                fast: {
                                    waiting: number;
                                    running: number;
                                    slots: number;
                                    limits: {
                                        perRepo: number;
                                        perTeam?: number;
                                        perPerson?: number;
                                        perProvider?: number;
                                        urgent?: number;
                                        teams?: {
                                            [key: string]: {
                                                share?: number;
                                                atOnce?: number;
                                                perPerson?: number;
                                                reserved?: number;
                                                repos?: {
                                                    [key: string]: number;
                                                };
                                            };
                                        };
                                        providers?: {
                                            [key: string]: number;
                                        };
                                    };
                                    pausedRepos: string[];
                                    oldestWaitMs: number;
                                    ratePerHour: number;
                                    etaMs: number | null;
                                    paused: boolean;
                                    providers: {
                                        host: string;
                                        model: string;
                                        /** @enum {string} */
                                        state: "open" | "short" | "blocked";
                                        reason: string | null;
                                        opensAt: number | null;
                                        inFlight: number;
                                        waiting: number;
                                        requests: {
                                            limit: number;
                                            remaining: number;
                                        } | null;
                                        tokens: {
                                            limit: number;
                                            remaining: number;
                                        } | null;
                                    }[];
                                };
                                deep: {
                                    waiting: number;
                                    running: number;
                                    slots: number;
                                    limits: {
                                        perRepo: number;
                                        perTeam?: number;
                                        perPerson?: number;
                                        perProvider?: number;
                                        urgent?: number;
                                        teams?: {
                                            [key: string]: {
                                                share?: number;
                                                atOnce?: number;
                                                perPerson?: number;
                                                reserved?: number;
                                                repos?: {
                                                    [key: string]: number;
                                                };
                                            };
                                        };
                                        providers?: {
                                            [key: string]: number;
                                        };
                                    };
                                    pausedRepos: string[];
                                    oldestWaitMs: number;
                                    ratePerHour: number;
                                    etaMs: number | null;
                                    paused: boolean;
                                    providers: {
                                        host: string;
                                        model: string;
                                        /** @enum {string} */
                                        state: "open" | "short" | "blocked";
                                        reason: string | null;
                                        opensAt: number | null;
                                        inFlight: number;
                                        waiting: number;
                                        requests: {
                                            limit: number;
                                            remaining: number;
                                        } | null;
                                        tokens: {
                                            limit: number;
                                            remaining: number;
                                        } | null;
                                    }[];
                                };
                            };
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/budget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A team's budget for the month, and how far it is used */
        get: {
            parameters: {
                query?: {
                    team?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            usd: number | null;
                            tokens: number | null;
                            warnAt: number;
                            team: string;
                            month: string;
                            resetsAt: number;
                            spent: {
                                usd: number;
                                tokens: number;
                                unpricedTokens: number;
                            };
                            /** @enum {string} */
                            state: "none" | "open" | "warned" | "stopped";
                            which: ("usd" | "tokens") | null;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        /**
         * Set what a team may spend in each month: what is not named stays, null takes a limit away
         * @description For the key of the settings and the admins of the team default. From `warnAt` on it is told; at 100 % no further turn of the team starts until the month is over or the budget is raised. What runs goes on.
         */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        team?: string;
                        usd?: number | null;
                        tokens?: number | null;
                        warnAt?: number;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            usd: number | null;
                            tokens: number | null;
                            warnAt: number;
                            team: string;
                            month: string;
                            resetsAt: number;
                            spent: {
                                usd: number;
                                tokens: number;
                                unpricedTokens: number;
                            };
                            /** @enum {string} */
                            state: "none" | "open" | "warned" | "stopped";
                            which: ("usd" | "tokens") | null;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What turns that ended in a month have used */
        get: {
            parameters: {
                query?: {
                    month?: string;
                    by?: string;
                    team?: string | "*";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Told apart by `by` (team, lane, repo, person, model), the dearest first. */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            month: string;
                            total: {
                                team: string | null;
                                lane: ("fast" | "deep") | null;
                                repo: string | null;
                                person: {
                                    key: string;
                                    name: string;
                                } | null;
                                model: string | null;
                                turns: number;
                                inputTokens: number;
                                cachedTokens: number;
                                outputTokens: number;
                                costUsd: number | null;
                            };
                            items: {
                                team: string | null;
                                lane: ("fast" | "deep") | null;
                                repo: string | null;
                                person: {
                                    key: string;
                                    name: string;
                                } | null;
                                model: string | null;
                                turns: number;
                                inputTokens: number;
                                cachedTokens: number;
                                outputTokens: number;
                                costUsd: number | null;
                            }[];
                            nextCursor: string | null;
                        };
                        "text/csv": string;
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workers/{worker}/drain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a worker take no new turns; what it has goes on
         * @description Answers when the worker has said so (`holding` is then `drained`, or absent), or after 5 s. It holds as long as that process runs.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    worker: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": Record<string, never>;
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WorkerView"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workers/{worker}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a worker take turns again
         * @description Answers when the worker has said so (`holding` is then `drained`, or absent), or after 5 s. It holds as long as that process runs.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    worker: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": Record<string, never>;
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["WorkerView"];
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/kpis": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How fast people get correct changes */
        get: {
            parameters: {
                query?: {
                    window?: "1h" | "24h" | "7d" | "30d";
                    lane?: "fast" | "deep";
                    repo?: string;
                    model?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            window: "1h" | "24h" | "7d" | "30d";
                            items: components["schemas"]["Kpi"][];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The webhooks of the team */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    cursor?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: {
                                id: string;
                                team: string;
                                url: string;
                                description?: string;
                                events?: ("task.created" | "turn.queued" | "turn.started" | "attempt.lost" | "workspace.ready" | "message.done" | "plan.updated" | "context.shortened" | "tool.started" | "tool.ended" | "patch.applied" | "checkpoint.saved" | "checkpoint.undone" | "guardrail.tripped" | "tests.started" | "tests.ended" | "usage.reported" | "model.waiting" | "model.resumed" | "steer.accepted" | "steer.applied" | "steer.rejected" | "cancel.requested" | "cancel.confirmed" | "gate.opened" | "gate.decided" | "budget.warning" | "handoff.created" | "change.ready" | "branch.pushed" | "pull_request.opened" | "turn.ended" | "task.reviewed" | "spend.warned" | "spend.stopped")[];
                                repos?: string[];
                                labels?: string[];
                                createdAt: number;
                                createdBy: {
                                    key: string;
                                    name: string;
                                };
                                disabledAt?: number;
                                disabledBecause?: string;
                                waiting?: number;
                                failuresInRow?: number;
                            }[];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Hear of the team's events by HTTP, signed as Standard Webhooks; the secret is in this answer alone */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** Format: uri */
                        url: string;
                        description?: string;
                        events?: ("task.created" | "turn.queued" | "turn.started" | "attempt.lost" | "workspace.ready" | "message.done" | "plan.updated" | "context.shortened" | "tool.started" | "tool.ended" | "patch.applied" | "checkpoint.saved" | "checkpoint.undone" | "guardrail.tripped" | "tests.started" | "tests.ended" | "usage.reported" | "model.waiting" | "model.resumed" | "steer.accepted" | "steer.applied" | "steer.rejected" | "cancel.requested" | "cancel.confirmed" | "gate.opened" | "gate.decided" | "budget.warning" | "handoff.created" | "change.ready" | "branch.pushed" | "pull_request.opened" | "turn.ended" | "task.reviewed" | "spend.warned" | "spend.stopped")[];
                        repos?: string[];
                        labels?: string[];
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            team: string;
                            url: string;
                            description?: string;
                            events?: ("task.created" | "turn.queued" | "turn.started" | "attempt.lost" | "workspace.ready" | "message.done" | "plan.updated" | "context.shortened" | "tool.started" | "tool.ended" | "patch.applied" | "checkpoint.saved" | "checkpoint.undone" | "guardrail.tripped" | "tests.started" | "tests.ended" | "usage.reported" | "model.waiting" | "model.resumed" | "steer.accepted" | "steer.applied" | "steer.rejected" | "cancel.requested" | "cancel.confirmed" | "gate.opened" | "gate.decided" | "budget.warning" | "handoff.created" | "change.ready" | "branch.pushed" | "pull_request.opened" | "turn.ended" | "task.reviewed" | "spend.warned" | "spend.stopped")[];
                            repos?: string[];
                            labels?: string[];
                            createdAt: number;
                            createdBy: {
                                key: string;
                                name: string;
                            };
                            disabledAt?: number;
                            disabledBecause?: string;
                            waiting?: number;
                            failuresInRow?: number;
                            secret: string;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A webhook, and how it is doing */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            team: string;
                            url: string;
                            description?: string;
                            events?: ("task.created" | "turn.queued" | "turn.started" | "attempt.lost" | "workspace.ready" | "message.done" | "plan.updated" | "context.shortened" | "tool.started" | "tool.ended" | "patch.applied" | "checkpoint.saved" | "checkpoint.undone" | "guardrail.tripped" | "tests.started" | "tests.ended" | "usage.reported" | "model.waiting" | "model.resumed" | "steer.accepted" | "steer.applied" | "steer.rejected" | "cancel.requested" | "cancel.confirmed" | "gate.opened" | "gate.decided" | "budget.warning" | "handoff.created" | "change.ready" | "branch.pushed" | "pull_request.opened" | "turn.ended" | "task.reviewed" | "spend.warned" | "spend.stopped")[];
                            repos?: string[];
                            labels?: string[];
                            createdAt: number;
                            createdBy: {
                                key: string;
                                name: string;
                            };
                            disabledAt?: number;
                            disabledBecause?: string;
                            waiting?: number;
                            failuresInRow?: number;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Remove a webhook; what waits for it is not sent */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was sent to a webhook, newest first: all that waits, and the last 500 of the others */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    cursor?: string;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: {
                                id: string;
                                type: string;
                                task?: string;
                                event?: string;
                                budget?: {
                                    month: string;
                                    /** @enum {string} */
                                    which: "usd" | "tokens";
                                    share: number;
                                    limit: number;
                                    used: number;
                                    resetsAt: number;
                                };
                                createdAt: number;
                                /** @enum {string} */
                                status: "waiting" | "delivered" | "failed";
                                nextAt?: number;
                                tries: {
                                    at: number;
                                    durationMs: number;
                                    status?: number;
                                    error?: string;
                                }[];
                            }[];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a test message at once, and say what came of it */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": Record<string, never>;
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            type: string;
                            task?: string;
                            event?: string;
                            budget?: {
                                month: string;
                                /** @enum {string} */
                                which: "usd" | "tokens";
                                share: number;
                                limit: number;
                                used: number;
                                resetsAt: number;
                            };
                            createdAt: number;
                            /** @enum {string} */
                            status: "waiting" | "delivered" | "failed";
                            nextAt?: number;
                            tries: {
                                at: number;
                                durationMs: number;
                                status?: number;
                                error?: string;
                            }[];
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A new secret, in this answer alone; the one before signs along for a day */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": Record<string, never>;
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            secret: string;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/deliveries/{message}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a message again, with the id that it has */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                    message: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": Record<string, never>;
                };
            };
            responses: {
                /** @description Default Response */
                202: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            id: string;
                            type: string;
                            task?: string;
                            event?: string;
                            budget?: {
                                month: string;
                                /** @enum {string} */
                                which: "usd" | "tokens";
                                share: number;
                                limit: number;
                                used: number;
                                resetsAt: number;
                            };
                            createdAt: number;
                            /** @enum {string} */
                            status: "waiting" | "delivered" | "failed";
                            nextAt?: number;
                            tries: {
                                at: number;
                                durationMs: number;
                                status?: number;
                                error?: string;
                            }[];
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chat/codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A code that, said to the bot, links whoever says it to the caller's key; once */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": Record<string, never>;
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            code: string;
                            expiresAt: number;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chat/links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is who on chat platforms */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    cursor?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: {
                                /** @enum {string} */
                                platform: "slack" | "discord";
                                workspace: string;
                                user: string;
                                key: string;
                                team: string;
                                createdAt: number;
                                createdBy: {
                                    key: string;
                                    name: string;
                                };
                            }[];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        /** Say whom a person on a chat platform is: they then act with the rights of that key */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        platform: "slack" | "discord";
                        workspace: string;
                        user: string;
                        key: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            platform: "slack" | "discord";
                            workspace: string;
                            user: string;
                            key: string;
                            team: string;
                            createdAt: number;
                            createdBy: {
                                key: string;
                                name: string;
                            };
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chat/links/{platform}/{workspace}/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Unlink a person */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    platform: "slack" | "discord";
                    workspace: string;
                    user: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chat/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The channels that have a repo of their own */
        get: {
            parameters: {
                query?: {
                    limit?: number;
                    cursor?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            items: {
                                /** @enum {string} */
                                platform: "slack" | "discord";
                                workspace: string;
                                channel: string;
                                repo: string;
                                createdAt: number;
                                createdBy: {
                                    key: string;
                                    name: string;
                                };
                            }[];
                            nextCursor: string | null;
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/chat/channels/{platform}/{workspace}/{channel}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Say which repo is meant in a channel by orders that name none */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    platform: "slack" | "discord";
                    workspace: string;
                    channel: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        repo: string;
                    };
                };
            };
            responses: {
                /** @description Default Response */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {string} */
                            platform: "slack" | "discord";
                            workspace: string;
                            channel: string;
                            repo: string;
                            createdAt: number;
                            createdBy: {
                                key: string;
                                name: string;
                            };
                        };
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        post?: never;
        /** Let a channel have no repo */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    platform: "slack" | "discord";
                    workspace: string;
                    channel: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One WebSocket for an interactive client
         * @description Requests go up and answers, events and live text come down, a JSON text message each: `LiveRequest` and `LiveMessage`.
         */
        get: {
            parameters: {
                query?: {
                    origin?: "cli" | "page" | "mcp";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Default Response */
                101: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": unknown;
                    };
                };
                /** @description A problem document. */
                default: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/problem+json": components["schemas"]["Problem"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AuditRecord: {
            seq: number;
            at: number;
            action: string;
            by: {
                key: string;
                name: string;
            };
            from: {
                /** @enum {string} */
                via: "key" | "session" | "link" | "signature" | "none" | "system";
                origin?: string;
                address?: string;
                forwarded?: string;
                agent?: string;
            };
            object: {
                kind: string;
                id: string;
            };
            detail?: {
                [key: string]: unknown;
            };
            request?: string;
            mac: string;
        };
        Task: {
            id: string;
            team: string;
            repo: string;
            /** @enum {string} */
            lane: "fast" | "deep";
            /** @enum {string} */
            status: "queued" | "running" | "waiting" | "canceling" | "succeeded" | "failed" | "canceled" | "limited" | "handed_off";
            title: string;
            prompt: string;
            by: {
                key: string;
                name: string;
            };
            origin: string;
            labels: string[];
            group?: {
                id: string;
                candidates: {
                    task: string;
                    /** @enum {string} */
                    lane: "fast" | "deep";
                    model?: string;
                }[];
            };
            /** @enum {string} */
            priority: "urgent" | "high" | "normal" | "low";
            base: string | null;
            behind?: number;
            branch: string;
            head?: string;
            pullRequest?: {
                url: string;
                number?: number;
            };
            createdAt: number;
            startedAt?: number;
            endedAt?: number;
            turns: components["schemas"]["Turn"][];
            queue?: {
                position: number;
                reason: string;
                /** @enum {string} */
                hold?: "after" | "expired" | "not-before" | "paused" | "repo-paused" | "budget" | "no-worker" | "holding" | "repo" | "team" | "person" | "slots" | "provider" | "reserved";
                etaMs?: number;
                after?: string[];
                notBefore?: number;
                startBy?: number;
            };
            gates: components["schemas"]["Gate"][];
            change?: {
                files: number;
                added: number;
                removed: number;
            };
            tests?: {
                /** @enum {string} */
                status: "passed" | "failed" | "none_selected" | "flaky" | "timed_out" | "error";
                failedAtBase?: number;
            };
            /** @enum {string} */
            review: "none" | "open" | "accepted" | "discarded";
            reviewHead?: string;
            usage: {
                inputTokens: number;
                cachedTokens: number;
                outputTokens: number;
                costUsd: number | null;
                steps: number;
            };
            overlaps?: {
                task: string;
                title: string;
                paths: string[];
            }[];
            lastEventId: string;
        };
        Turn: {
            id: string;
            /** @enum {string} */
            lane: "fast" | "deep";
            /** @enum {string} */
            status: "queued" | "running" | "waiting" | "canceling" | "succeeded" | "failed" | "canceled" | "limited" | "handed_off";
            prompt: string;
            outcome?: {
                /** @constant */
                status: "succeeded";
                detail?: string;
            } | {
                /** @constant */
                status: "failed";
                /** @enum {string} */
                code: "model-auth" | "model-unknown" | "model-rate-limited" | "model-unavailable" | "model-refused" | "context-overflow" | "tests-red" | "guardrail-denied" | "setup-failed" | "workspace-failed" | "publish-failed" | "dependency-failed" | "expired" | "worker-lost" | "stalled" | "internal";
                detail?: string;
            } | {
                /** @constant */
                status: "canceled";
                by: {
                    key: string;
                    name: string;
                };
                detail?: string;
            } | {
                /** @constant */
                status: "limited";
                /** @enum {string} */
                which: "seconds" | "tokens" | "cost" | "steps" | "cycles" | "context";
                detail?: string;
            } | {
                /** @constant */
                status: "handed_off";
                detail?: string;
            };
            attempts: number;
            queuedAt: number;
            startedAt?: number;
            endedAt?: number;
            usage: {
                inputTokens: number;
                cachedTokens: number;
                outputTokens: number;
                costUsd: number | null;
                steps: number;
            };
        };
        TaskEvent: {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "task.created";
            team: string;
            repo: string;
            title: string;
            prompt: string;
            by: {
                key: string;
                name: string;
            };
            origin: string;
            labels: string[];
            /** @enum {string} */
            priority: "urgent" | "high" | "normal" | "low";
            base: string | null;
            baseAtSubmit: string | null;
            group?: {
                id: string;
                candidates: {
                    task: string;
                    /** @enum {string} */
                    lane: "fast" | "deep";
                    model?: string;
                }[];
            };
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "turn.queued";
            /** @enum {string} */
            lane: "fast" | "deep";
            position: number | null;
            reason: string;
            prompt: string;
            by: {
                key: string;
                name: string;
            };
            options: {
                scope?: string[];
                /** @enum {string} */
                test?: "targeted" | "all" | "none";
                guardrails?: {
                    maxFiles?: number;
                    maxChangedLines?: number;
                    /** @enum {string} */
                    overSize?: "deny" | "steer" | "ask" | "hand_off";
                    scope?: string[];
                    /** @enum {string} */
                    newDependencies?: "allow" | "deny" | "steer" | "ask" | "hand_off";
                    /** @enum {string} */
                    testTampering?: "allow" | "deny" | "steer" | "ask" | "hand_off";
                    /** @enum {string} */
                    commands?: "allow" | "deny" | "ask";
                    maxCycles?: number;
                    /** @enum {string} */
                    afterCycles?: "limited" | "hand_off";
                    maxSteps?: number;
                    maxSeconds?: number;
                    maxTokens?: number;
                    maxCostUsd?: number;
                    protected?: string[];
                };
                budget?: {
                    seconds?: number;
                    tokens?: number;
                    costUsd?: number;
                    steps?: number;
                };
                model?: string;
                engine?: string;
                /** @enum {string} */
                plan?: "none" | "approve";
                /** @enum {string} */
                publish?: "none" | "branch" | "pull_request";
            };
            notBefore?: number;
            startBy?: number;
            after?: string[];
            /** @enum {string} */
            from?: "checkpoint" | "base";
            trace?: string;
            again?: {
                /** @enum {string} */
                why: "retry" | "shutdown" | "gate" | "after";
                code?: string;
                retry?: number;
            };
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "turn.started";
            /** @enum {string} */
            lane: "fast" | "deep";
            worker: string;
            model: string;
            engine: string;
            base: string | null;
            branch: string;
            simulated?: boolean;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "attempt.lost";
            lost: number;
            reason: string;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "workspace.ready";
            base: string;
            from: string;
            durationMs: number;
            /** @enum {string} */
            setup: "none" | "cached" | "ran";
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "message.done";
            text: string;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "plan.updated";
            explanation?: string;
            plan: {
                step: string;
                /** @enum {string} */
                status: "pending" | "in_progress" | "completed";
            }[];
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "context.shortened";
            beforeTokens: number;
            afterTokens: number;
            dropped: number;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "tool.started";
            call: string;
            tool: string;
            input: unknown;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "tool.ended";
            call: string;
            tool: string;
            ok: boolean;
            exitCode?: number | null;
            output: string;
            truncated: boolean;
            durationMs: number;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "patch.applied";
            files: {
                path: string;
                /** @enum {string} */
                change: "added" | "modified" | "deleted" | "renamed";
                added: number;
                removed: number;
                from?: string;
                binary?: boolean;
            }[];
            diff: string;
            checkpoint: string;
            portable?: boolean;
            whole?: {
                files: number;
                added: number;
                removed: number;
            };
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "checkpoint.saved";
            files: {
                path: string;
                /** @enum {string} */
                change: "added" | "modified" | "deleted" | "renamed";
                added: number;
                removed: number;
                from?: string;
                binary?: boolean;
            }[];
            diff: string;
            checkpoint: string;
            portable?: boolean;
            whole?: {
                files: number;
                added: number;
                removed: number;
            };
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "checkpoint.undone";
            undo: string;
            by: {
                key: string;
                name: string;
            };
            checkpoint: string | null;
            head: string;
            files: {
                path: string;
                /** @enum {string} */
                change: "added" | "modified" | "deleted" | "renamed";
                added: number;
                removed: number;
                from?: string;
                binary?: boolean;
            }[];
            diff: string;
            portable: boolean;
            whole: {
                files: number;
                added: number;
                removed: number;
            };
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "guardrail.tripped";
            rule: string;
            /** @enum {string} */
            stage: "prompt" | "stream" | "patch" | "command" | "change";
            /** @enum {string} */
            verdict: "allow" | "deny" | "steer" | "ask" | "hand_off";
            detail: string;
            path?: string;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "tests.started";
            command: string;
            selection: string;
            files: string[];
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "tests.ended";
            /** @enum {string} */
            status: "passed" | "failed" | "none_selected" | "flaky" | "timed_out" | "error";
            /** @constant */
            superseded?: true;
            command: string;
            passed?: number;
            failed?: number;
            failedAtBase?: number;
            durationMs: number;
            output: string;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "usage.reported";
            model: string;
            inputTokens: number;
            cachedTokens: number;
            outputTokens: number;
            costUsd: number | null;
            ttftMs: number | null;
            durationMs: number;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "model.waiting";
            detail: string;
            atMostMs: number;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "model.resumed";
            waitedMs: number;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "steer.accepted";
            steer: string;
            prompt: string;
            by?: {
                key: string;
                name: string;
            };
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "steer.applied";
            steer: string;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "steer.rejected";
            steer: string;
            reason: string;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "cancel.requested";
            by: {
                key: string;
                name: string;
            };
            reason?: string;
            /** @enum {string} */
            scope: "turn" | "task";
            /** @constant */
            handOff?: true;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "cancel.confirmed";
            ms: number;
            killed: number;
            /** @enum {string} */
            proof: "worker" | "never_started" | "lease" | "group";
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "gate.opened";
            gate: string;
            /** @enum {string} */
            kind: "plan" | "command" | "patch" | "dependency" | "budget";
            detail: string;
            subject?: unknown;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "gate.decided";
            gate: string;
            /** @enum {string} */
            decision: "allow" | "deny" | "closed";
            by: {
                key: string;
                name: string;
            };
            note?: string;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "budget.warning";
            which: string;
            used: number;
            limit: number;
            skipped?: string;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "handoff.created";
            from: {
                turn: string;
                /** @enum {string} */
                lane: "fast" | "deep";
            };
            to: {
                turn: string;
                /** @enum {string} */
                lane: "fast" | "deep";
            };
            packet: {
                base: string | null;
                checkpoint: string | null;
                diff: string;
                filesRead: string[];
                tried: {
                    what: string;
                    result: string;
                }[];
                tests: {
                    /** @enum {string} */
                    status: "passed" | "failed" | "none_selected" | "flaky" | "timed_out" | "error";
                    command: string;
                    output: string;
                } | null;
                trips: {
                    rule: string;
                    detail: string;
                }[];
                steering: string[];
                openQuestions: string[];
                missing: string[];
            };
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "change.ready";
            branch: string;
            base: string;
            head: string;
            files: number;
            added: number;
            removed: number;
            portable?: boolean;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "branch.pushed";
            remote: string;
            branch: string;
            head: string;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "pull_request.opened";
            url: string;
            number?: number;
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "turn.ended";
            outcome: {
                /** @constant */
                status: "succeeded";
                detail?: string;
            } | {
                /** @constant */
                status: "failed";
                /** @enum {string} */
                code: "model-auth" | "model-unknown" | "model-rate-limited" | "model-unavailable" | "model-refused" | "context-overflow" | "tests-red" | "guardrail-denied" | "setup-failed" | "workspace-failed" | "publish-failed" | "dependency-failed" | "expired" | "worker-lost" | "stalled" | "internal";
                detail?: string;
            } | {
                /** @constant */
                status: "canceled";
                by: {
                    key: string;
                    name: string;
                };
                detail?: string;
            } | {
                /** @constant */
                status: "limited";
                /** @enum {string} */
                which: "seconds" | "tokens" | "cost" | "steps" | "cycles" | "context";
                detail?: string;
            } | {
                /** @constant */
                status: "handed_off";
                detail?: string;
            };
            usage: {
                inputTokens: number;
                cachedTokens: number;
                outputTokens: number;
                costUsd: number | null;
                steps: number;
            };
        } | {
            id: string;
            task: string;
            turn: string | null;
            attempt: number;
            at: number;
            /** @constant */
            type: "task.reviewed";
            /** @enum {string} */
            decision: "accepted" | "discarded";
            by: {
                key: string;
                name: string;
            };
            how?: string;
            chosen?: string;
        };
        Repo: {
            name: string;
            team: string;
            source: string;
            defaultBranch: string;
            createdAt: number;
            host?: string;
            /** @enum {string} */
            credential: "none" | "token" | "ssh";
            secrets: string[];
            notices?: string[];
            github?: {
                installation: number;
                repository: number;
                fullName: string;
                label?: string;
                fixTurns: number;
            };
        };
        Gate: {
            id: string;
            task: string;
            turn: string;
            repo: string;
            title: string;
            /** @enum {string} */
            kind: "plan" | "command" | "patch" | "dependency" | "budget";
            detail: string;
            subject?: unknown;
            openedAt: number;
        };
        Key: {
            id: string;
            team: string;
            name: string;
            email?: string;
            /** @enum {string} */
            role: "viewer" | "member" | "admin";
            createdAt: number;
            createdBy: {
                key: string;
                name: string;
            };
            lastUsedAt?: number;
            expiresAt?: number;
        };
        Kpi: {
            name: string;
            /** @enum {string} */
            lane: "fast" | "deep";
            /** @enum {string} */
            unit: "ms" | "ratio" | "count" | "tokens" | "usd";
            count: number;
            never: number;
            p50: number | null;
            p90: number | null;
            p99: number | null;
            rate: number | null;
            series: {
                at: number;
                count: number;
                p50: number | null;
                rate: number | null;
            }[];
        };
        WorkerView: {
            id: string;
            /** @enum {string} */
            lane: "fast" | "deep";
            host: string;
            pid: number;
            version: string;
            since: number;
            seenAt: number;
            capacity: number;
            /** @enum {string} */
            sandbox: "jail" | "off" | "none";
            holding?: string;
            provider?: string;
            busy: number;
            turns: {
                team: string;
                task: string;
                turn: string;
                since: number;
            }[];
        };
        Me: {
            key: {
                id: string;
                name: string;
                email?: string;
            };
            team: string;
            /** @enum {string} */
            role: "viewer" | "member" | "admin";
            operates: boolean;
            session: {
                csrf: string;
                signedInAt: number;
                endsAt: number;
            } | null;
        };
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            code: string;
            requestId: string;
            retryable: boolean;
            errors?: {
                path: string;
                message: string;
            }[];
        };
        LiveMessage: {
            event: components["schemas"]["TaskEvent"];
        } | {
            id: string;
            begun: {
                task: string;
                turn: string;
                after: string;
            };
        } | {
            id: string;
            status: number;
            ok: unknown;
            /** @constant */
            replayed?: true;
        } | {
            id: string | null;
            problem: components["schemas"]["Problem"];
            retryAfterSeconds?: number;
        } | {
            stopped: {
                task: string;
                problem: components["schemas"]["Problem"];
            };
        } | {
            beat: number;
        };
        LiveRequest: {
            /** @constant */
            type: "submit";
            id: string;
            idempotencyKey?: string;
            /** @enum {string} */
            onDisconnect?: "continue";
            after?: string;
            body: {
                scope?: string[];
                /** @enum {string} */
                test?: "targeted" | "all" | "none";
                guardrails?: {
                    maxFiles?: number;
                    maxChangedLines?: number;
                    /** @enum {string} */
                    overSize?: "deny" | "steer" | "ask" | "hand_off";
                    scope?: string[];
                    /** @enum {string} */
                    newDependencies?: "allow" | "deny" | "steer" | "ask" | "hand_off";
                    /** @enum {string} */
                    testTampering?: "allow" | "deny" | "steer" | "ask" | "hand_off";
                    /** @enum {string} */
                    commands?: "allow" | "deny" | "ask";
                    maxCycles?: number;
                    /** @enum {string} */
                    afterCycles?: "limited" | "hand_off";
                    maxSteps?: number;
                    maxSeconds?: number;
                    maxTokens?: number;
                    maxCostUsd?: number;
                    protected?: string[];
                };
                budget?: {
                    seconds?: number;
                    tokens?: number;
                    costUsd?: number;
                    steps?: number;
                };
                model?: string;
                engine?: string;
                /** @enum {string} */
                plan?: "none" | "approve";
                /** @enum {string} */
                publish?: "none" | "branch" | "pull_request";
                repo: string;
                prompt: string;
                /**
                 * @default auto
                 * @enum {string}
                 */
                lane?: "fast" | "deep" | "auto";
                base?: string;
                /**
                 * @default normal
                 * @enum {string}
                 */
                priority?: "urgent" | "high" | "normal" | "low";
                /** @default [] */
                labels?: string[];
                notBefore?: number;
                startBy?: number;
                after?: string[];
                changes?: string;
                candidates?: number | {
                    /**
                     * @default deep
                     * @enum {string}
                     */
                    lane?: "fast" | "deep";
                    model?: string;
                }[];
            };
        } | {
            /** @constant */
            type: "turn";
            id: string;
            idempotencyKey?: string;
            /** @enum {string} */
            onDisconnect?: "continue";
            after?: string;
            task: string;
            body: {
                scope?: string[];
                /** @enum {string} */
                test?: "targeted" | "all" | "none";
                guardrails?: {
                    maxFiles?: number;
                    maxChangedLines?: number;
                    /** @enum {string} */
                    overSize?: "deny" | "steer" | "ask" | "hand_off";
                    scope?: string[];
                    /** @enum {string} */
                    newDependencies?: "allow" | "deny" | "steer" | "ask" | "hand_off";
                    /** @enum {string} */
                    testTampering?: "allow" | "deny" | "steer" | "ask" | "hand_off";
                    /** @enum {string} */
                    commands?: "allow" | "deny" | "ask";
                    maxCycles?: number;
                    /** @enum {string} */
                    afterCycles?: "limited" | "hand_off";
                    maxSteps?: number;
                    maxSeconds?: number;
                    maxTokens?: number;
                    maxCostUsd?: number;
                    protected?: string[];
                };
                budget?: {
                    seconds?: number;
                    tokens?: number;
                    costUsd?: number;
                    steps?: number;
                };
                model?: string;
                engine?: string;
                /** @enum {string} */
                plan?: "none" | "approve";
                /** @enum {string} */
                publish?: "none" | "branch" | "pull_request";
                prompt: string;
                /** @enum {string} */
                lane?: "fast" | "deep";
                interrupt?: boolean;
            };
        } | {
            /** @constant */
            type: "steer";
            id: string;
            idempotencyKey?: string;
            task: string;
            body: {
                prompt: string;
                turn: string;
            };
        } | {
            /** @constant */
            type: "interrupt";
            id: string;
            idempotencyKey?: string;
            task: string;
            body?: Record<string, never>;
        } | {
            /** @constant */
            type: "cancel";
            id: string;
            idempotencyKey?: string;
            task: string;
            body?: {
                reason?: string;
            };
        } | {
            /** @constant */
            type: "undo";
            id: string;
            idempotencyKey?: string;
            task: string;
            body?: Record<string, never>;
        } | {
            /** @constant */
            type: "gate";
            id: string;
            idempotencyKey?: string;
            task: string;
            gate: string;
            body: {
                /** @enum {string} */
                decision: "allow" | "deny";
                note?: string;
            };
        } | {
            /** @constant */
            type: "subscribe";
            id: string;
            task: string;
            after?: string;
        } | {
            /** @constant */
            type: "unsubscribe";
            id: string;
            task: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
