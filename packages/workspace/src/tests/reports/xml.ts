/** What stands in an XML text, in order. */
export type XmlPiece =
  | { type: "open"; name: string; attributes: Record<string, string>; empty: boolean }
  | { type: "close"; name: string }
  | { type: "text"; text: string }

const piece =
  /<!--[\s\S]*?(?:-->|$)|<!\[CDATA\[([\s\S]*?)(?:\]\]>|$)|<\?[\s\S]*?(?:\?>|$)|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/g
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g

/** Reads the elements and text of a report: no documents types, no namespaces, nothing outside the text is ever read. */
export function* readXml(xml: string): Generator<XmlPiece> {
  for (const match of xml.matchAll(piece)) {
    const [, cdata, close, open, attributes, slash, text] = match
    if (cdata !== undefined) yield { type: "text", text: cdata }
    else if (close !== undefined) yield { type: "close", name: close }
    else if (open !== undefined)
      yield { type: "open", name: open, attributes: attributesOf(attributes ?? ""), empty: slash === "/" }
    else if (text !== undefined) yield { type: "text", text: plainText(text) }
  }
}

function attributesOf(text: string): Record<string, string> {
  const found = [...text.matchAll(attribute)].map(([, name = "", double, single]) => [
    name,
    plainText(double ?? single ?? ""),
  ])
  return Object.fromEntries(found)
}

const named: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" }

const plainText = (text: string): string =>
  text.replace(
    /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return named[name] ?? whole
      const code = Number.parseInt(hex ?? decimal ?? "", hex === undefined ? 10 : 16)
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole
    },
  )
