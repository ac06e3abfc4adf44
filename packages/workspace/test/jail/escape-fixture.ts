/** Tries to get out of a real jail in many ways, and prints what got through as JSON. */
import { readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { keptRoom, sh, soon } from "../keeper/room.ts"

await using kept = await keptRoom({ files: { "a.txt": "one\n" } })
const { folder, keeper, mirror, room } = kept

const secret = join(folder, "secret")
writeFileSync(secret, "canary-file")
const socket = join(folder, "s")
const abstract = `\0twolane-escape-${process.pid}`
const servers = [socket, abstract].map(path => createServer(peer => peer.end("in")).listen(path))
const tcp = createServer(peer => peer.end("in")).listen(0, "127.0.0.1")
await Promise.all([...servers, tcp].map(server => new Promise(resolve => server.once("listening", resolve))))
const address = tcp.address()
const port = address !== null && typeof address === "object" ? address.port : 0
const connect = (to: string) =>
  `node -e 'require("net").connect(${to}).on("connect", () => process.exit(0)).on("error", () => process.exit(1))'`

/** Each line ends with 0 only if it got out. */
const probes: Record<string, string> = {
  "a file of the host": `cat ${secret}`,
  "the host's folder": `ls ${folder}`,
  "the cell": `ls ${room.cell}`,
  "the tree by its host path": `ls ${room.tree}`,
  "the mirror by its host path": `ls ${mirror}`,
  "the mirror's config": "cat /git/mirror/config",
  "hooks in the mirror": "mkdir -p /git/mirror/hooks",
  "the mirror's objects": "touch /git/mirror/objects/x",
  "our own git folder": "ls /git/ours",
  "the worktree's git file": "echo x > /workspace/.git",
  "removing the git file": "rm -f /workspace/.git && [ ! -e /workspace/.git ]",
  "renaming the git file": "mv /workspace/.git /workspace/git",
  "a folder over the git file": "mv /workspace/.git /tmp/g && mkdir /workspace/.git",
  shadow: "[ -s /etc/shadow ]",
  "the host's hosts": "grep -q . /etc/machine-id",
  root: "ls /root || ls /var",
  "the environment of process 1": "tr '\\0' '\\n' < /proc/1/environ | grep canary",
  "every environment": "cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep canary",
  "our variables": "env | grep -i canary",
  "processes of the host": "[ $(ls -d /proc/[0-9]* | wc -l) -gt 8 ]",
  "the worker's process": `grep -qa escape-fixture /proc/${process.pid}/cmdline`,
  "a socket of the host": connect(JSON.stringify(socket)),
  "an abstract socket": connect(`"\\0${abstract.slice(1)}"`),
  "loopback of the host": connect(`${port}, "127.0.0.1"`),
  "metadata service": connect('80, "169.254.169.254"'),
  "the network": connect('443, "1.1.1.1"'),
  "names of the network": "getent hosts example.com",
  "a mount": "mount -t tmpfs x /mnt || mount -t tmpfs x /tmp",
  "an unmount": "umount /workspace/.git || umount -l /proc || umount /usr",
  "a writable system": "mount -o remount,rw /usr || touch /usr/x || touch /etc/x || touch /x || touch /dev/x",
  "a bind of another folder": "mount --bind /proc/1/root /tmp",
  "a user namespace": "unshare -U true || unshare -Ur true || unshare -m true || unshare -p true",
  "another jail": "bwrap --ro-bind / / true",
  "namespaces of process 1": "nsenter -t 1 -m -p true && nsenter -t 1 -n true && [ -e /root ]",
  "the core pattern": "echo '|/bin/sh' > /proc/sys/kernel/core_pattern",
  sysrq: "echo h > /proc/sysrq-trigger",
  "kernel settings":
    "for f in /proc/sys/kernel/hostname /proc/sys/vm/drop_caches; do echo 1 > $f && exit 0; done; exit 1",
  "the machine's name": "hostname evil",
  "a device": "mknod /tmp/d c 1 1 || mknod /workspace/d b 8 0",
  "raw memory": "head -c1 /dev/mem || head -c1 /proc/kcore",
  "another user": "setpriv --reuid 0 true || su -c true || chroot / true",
  capabilities: "grep -qE 'Cap(Eff|Prm|Bnd|Amb):.*[1-9a-f]' /proc/self/status",
  "new privileges": "grep -q 'NoNewPrivs:.*0' /proc/self/status",
  "the system's folder": "ls /sys/kernel",
  cgroups: "ls /sys/fs/cgroup || mkdir /sys/fs/cgroup/x",
  "our node": `touch ${join(process.execPath, "../x")} || echo x >> ${process.execPath}`,
  "a set-user-id program": "cp /bin/true /workspace/su && chown 0 /workspace/su",
}

const script = Object.entries(probes)
  .map(
    ([name, probe]) =>
      `if ( ${probe} ) >/dev/null 2>&1; then echo 'ESCAPED ${name.replaceAll("'", "")}'; else echo held; fi`,
  )
  .join("\n")
const done = await sh(keeper, script)
const lines = done.output.trim().split("\n")
const control = await sh(keeper, "echo control works")
const fds = await sh(keeper, "for n in $(seq 0 200); do [ -e /proc/$$/fd/$n ] && echo $n; done")
const changes = (await keeper.changes(soon())).map(change => change.path)
for (const server of [...servers, tcp]) server.close()
process.stdout.write(
  JSON.stringify({
    uid: process.getuid?.(),
    mode: kept.sandbox.mode,
    escaped: lines.filter(line => line !== "held"),
    held: lines.filter(line => line === "held").length,
    control: control.output,
    fds: fds.output,
    changes: changes.filter(path => path !== "su"),
    secret: readFileSync(secret, "utf8"),
  }),
)
