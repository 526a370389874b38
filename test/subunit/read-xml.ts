export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  /** Of the element itself. */
  text: string;
}

const token =
  /<\?[^?]*\?>|<\/(?<end>[\w-]+)>|<(?<name>[\w-]+)(?<attributes>(?: [\w-]+="[^"<]*")*)(?<empty>\/?)>|(?<text>[^<]+)/y;

/** A small strict reader for what our writers make: anything it does not know is an error. Gives the root. */
export function readXml(xml: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  token.lastIndex = 0;
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex;
    const found = token.exec(xml);
    if (!found) throw new Error(`no XML at ${at}: ${JSON.stringify(xml.slice(at, at + 40))}`);
    take(found.groups ?? {}, open);
  }
  if (open.length !== 1 || root.children.length !== 1)
    throw new Error('elements are left open, or there are several roots');
  return root.children[0]!;
}

function take({ attributes, empty, end, name, text }: Record<string, string | undefined>, open: XmlElement[]): void {
  const parent = open.at(-1)!;
  if (text !== undefined) parent.text += decode(text);
  if (end !== undefined && open.pop()?.name !== end) throw new Error(`</${end}> ends another element`);
  if (name === undefined) return;
  const element = { name, attributes: readAttributes(attributes ?? ''), children: [], text: '' };
  parent.children.push(element);
  if (empty === '') open.push(element);
}

function readAttributes(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/ (?<name>[\w-]+)="(?<value>[^"]*)"/g)];
  // A parser makes blanks of the line ends and tabs that are not written as numbers.
  return Object.fromEntries(
    pairs.map(({ groups }) => [groups?.['name'] ?? '', decode((groups?.['value'] ?? '').replaceAll(/[\t\n\r]/g, ' '))]),
  );
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text: string): string {
  // oxlint-disable-next-line no-control-regex -- what XML does not allow
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u.test(text))
    throw new Error('a character that XML does not allow');
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll('\r', '\n')
    .replaceAll(/&(?<what>[^;]*);?/g, (_, what: string) => {
      if (what.startsWith('#')) return String.fromCodePoint(Number(what.slice(1)));
      const character = named[what];
      if (character === undefined) throw new Error(`&${what}; is no reference`);
      return character;
    });
}
