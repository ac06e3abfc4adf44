import { describe, expect, test } from "vitest"
import { isPublic, targetOf } from "../../src/webhooks/target.ts"

describe("of addresses", () => {
  test.each(["1.1.1.1", "140.82.112.3", "2606:4700::1111", "2a00:1450:4001:80b::200e"])(
    "%s is public",
    address => {
      expect(isPublic(address)).toBe(true)
    },
  )

  test.each([
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "no address",
  ])("%s is not", address => {
    expect(isPublic(address)).toBe(false)
  })
})

describe("of urls", () => {
  test.each([
    ["https://hooks.example.com/x?y=z", []],
    ["https://1.1.1.1/", []],
    ["http://127.0.0.1:9000/", ["127.0.0.1:9000"]],
    ["http://ci.internal/hook", ["ci.internal"]],
    ["https://[fd00::1]:8443/", ["[fd00::1]:8443"]],
  ])("%s is one, with %j in the setting", (url, hosts) => {
    expect(targetOf(url, hosts).href).toBe(url)
  })

  test.each([
    ["http://hooks.example.com/", []],
    ["ftp://hooks.example.com/", []],
    ["https://hooks.example.com:8443/", []],
    ["https://user@hooks.example.com/", []],
    ["https://:password@hooks.example.com/", []],
    ["https://127.0.0.1/", []],
    ["https://127.1/", []],
    ["https://2130706433/", []],
    ["https://0x7f.1/", []],
    ["https://017700000001/", []],
    ["https://[::1]/", []],
    ["https://[::ffff:127.0.0.1]/", []],
    ["https://[::ffff:7f00:1]/", []],
    ["https://169.254.169.254/latest/meta-data/", []],
    ["http://127.0.0.1:9001/", ["127.0.0.1:9000"]],
    ["http://127.0.0.1:9000/", ["127.0.0.1"]],
    ["http://ci.internal.example.com/", ["ci.internal"]],
  ])("%s is none, with %j in the setting", (url, hosts) => {
    expect(() => targetOf(url, hosts)).toThrow(/^The webhook's url must/)
  })
})
