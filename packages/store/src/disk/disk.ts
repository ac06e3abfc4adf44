import { type Context, fromJson } from "../context.ts"
import { diskFamily } from "../keys.ts"
import { withDeadline } from "../redis/deadline.ts"
import type { DiskReport, DiskStore, DiskWish } from "./port.ts"

const reportsKey = `${diskFamily}reports`
const wishesKey = `${diskFamily}wishes`
/** A folder that nobody reported for so long is no more. */
const reportMs = 3_600_000
/** A machine that was away for longer learns nothing of a wish. */
const wishMs = 86_400_000

/** The disks of all machines, as their own processes report them. */
export const diskCalls = ({ client, now }: Context): DiskStore => ({
  hold: async (folder, holder, lifeMs) => {
    const key = `${diskFamily}holder:${folder}`
    if ((await withDeadline(client.set(key, holder, "PX", lifeMs, "NX"))) === "OK") return true
    if ((await withDeadline(client.get(key))) !== holder) return false
    await withDeadline(client.pexpire(key, lifeMs))
    return true
  },
  report: async report =>
    void (await withDeadline(client.hset(reportsKey, report.folder, JSON.stringify(report)))),
  reports: async () => {
    const found = Object.values(await withDeadline(client.hgetall(reportsKey))).map(fromJson<DiskReport>)
    const gone = found.filter(({ at }) => at < now() - reportMs).map(({ folder }) => folder)
    if (gone.length > 0) await withDeadline(client.hdel(reportsKey, ...gone))
    return found.filter(({ folder }) => !gone.includes(folder))
  },
  wish: async (team, repo) => {
    const wish: DiskWish = { team, repo, at: now() }
    await withDeadline(client.hset(wishesKey, `${team}/${repo}`, JSON.stringify(wish)))
    return wish.at
  },
  wishes: async () => {
    const found = Object.entries(await withDeadline(client.hgetall(wishesKey)))
    const wishes = found.map(([field, json]) => ({ field, wish: fromJson<DiskWish>(json) }))
    const old = wishes.filter(({ wish }) => wish.at < now() - wishMs).map(({ field }) => field)
    if (old.length > 0) await withDeadline(client.hdel(wishesKey, ...old))
    return wishes.filter(({ field }) => !old.includes(field)).map(({ wish }) => wish)
  },
})
