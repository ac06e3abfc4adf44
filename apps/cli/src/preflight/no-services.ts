import { spawnSync } from "node:child_process"
import { existsSync, rmSync, writeFileSync } from "node:fs"

const policyPath = "/usr/sbin/policy-rc.d"

/**
 * Keeps packages that are installed meanwhile from starting a service (Debian's redis-server would): the policy file that
 * `invoke-rc.d` asks says "forbidden". A policy of the machine's own stays as it is.
 */
export const forbidServices = (): Disposable => {
  const ours = existsSync("/usr/sbin") && !existsSync(policyPath)
  if (ours)
    writeFileSync(policyPath, "#!/bin/sh\n# Made by Twolane while it installs packages.\nexit 101\n", {
      mode: 0o755,
    })
  return { [Symbol.dispose]: () => ours && rmSync(policyPath, { force: true }) }
}

/**
 * Ends a service that has just been installed, and takes it out of the next boot. Without root we could not forbid its start
 * beforehand.
 */
export const stopService = (service: string, root: boolean): void => {
  const systemd = existsSync("/run/systemd/system")
  if (root && !systemd) return
  const command = systemd ? ["systemctl", "disable", "--now", service] : ["service", service, "stop"]
  const [program = "", ...args] = root ? command : ["sudo", ...command]
  spawnSync(program, args, { stdio: ["inherit", "ignore", "ignore"] })
}
