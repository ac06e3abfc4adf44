import type {
  ChatChannel,
  ChatChannelPath,
  ChatCode,
  ChatLink,
  ChatLinkRequest,
  ChatPerson,
  Page,
} from "@twolane/protocol"
import { type Api, act, bodyOf, type CallOptions, doneOf, type EffectOptions, read } from "./api.ts"

type PageQuery = { limit?: number; cursor?: string }

/** Calls about who is who on chat platforms. All throw `ClientProblem` and `Unreachable`. */
export const chatCalls = (api: Api) => ({
  /** A code that, said to the bot within ten minutes, links whoever says it to the caller's key. */
  createChatCode: (options?: EffectOptions): Promise<ChatCode> =>
    bodyOf(api.POST("/v1/chat/codes", { body: {}, ...act(options) })),
  chatLinks: (query: PageQuery = {}, options?: CallOptions): Promise<Page<ChatLink>> =>
    bodyOf(api.GET("/v1/chat/links", { params: { query }, ...read(options) })),
  linkChat: (link: ChatLinkRequest, options?: EffectOptions): Promise<ChatLink> =>
    bodyOf(api.POST("/v1/chat/links", { body: link, ...act(options) })),
  unlinkChat: (person: ChatPerson, options?: CallOptions): Promise<void> =>
    doneOf(
      api.DELETE("/v1/chat/links/{platform}/{workspace}/{user}", {
        params: { path: person },
        ...read(options),
      }),
    ),
  chatChannels: (query: PageQuery = {}, options?: CallOptions): Promise<Page<ChatChannel>> =>
    bodyOf(api.GET("/v1/chat/channels", { params: { query }, ...read(options) })),
  setChatChannel: (path: ChatChannelPath, repo: string, options?: CallOptions): Promise<ChatChannel> =>
    bodyOf(
      api.PUT("/v1/chat/channels/{platform}/{workspace}/{channel}", {
        params: { path },
        body: { repo },
        ...read(options),
      }),
    ),
  clearChatChannel: (path: ChatChannelPath, options?: CallOptions): Promise<void> =>
    doneOf(
      api.DELETE("/v1/chat/channels/{platform}/{workspace}/{channel}", {
        params: { path },
        ...read(options),
      }),
    ),
})
