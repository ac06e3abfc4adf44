/** The namespaces of every jail, in the form that was found to hold (see `args.ts` for the rest). */
export const namespaces = [
  "--unshare-user",
  "--unshare-ipc",
  "--unshare-pid",
  "--unshare-net",
  "--unshare-uts",
  "--unshare-cgroup-try",
  "--disable-userns",
  "--assert-userns-disabled",
  "--uid",
  "1000",
  "--gid",
  "1000",
  "--cap-drop",
  "ALL",
  "--die-with-parent",
  "--new-session",
]
