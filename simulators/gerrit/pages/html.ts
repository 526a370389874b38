const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

/** Text as HTML with its web addresses as links; line breaks stay by the style of `pre`. */
export function linkedText(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"']+[^\s<>"'.,;:)])/)
    .map((part, index) => {
      const shown = escapeHtml(part);
      return index % 2 === 1 ? `<a href="${shown}" rel="noreferrer">${shown}</a>` : shown;
    })
    .join('');
}

const style = `
:root { color-scheme: light dark; font: 16px/1.45 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; }
h1 { font-size: 1.25rem; } h2 { font-size: 1rem; margin-top: 1.5rem; }
ul { list-style: none; padding: 0; } li { border-top: 1px solid #8886; padding: .6rem 0; }
li a.subject { display: block; font-weight: 600; overflow-wrap: anywhere; }
.meta { color: #777; font-size: .875rem; } .votes span { border: 1px solid; border-radius: .3rem; margin-right: .4rem; padding: 0 .35rem; }
.good { color: #1a7f37; } .bad { color: #cf222e; } .none { color: #777; }
pre { overflow-wrap: anywhere; white-space: pre-wrap; margin: .3rem 0; } code { overflow-wrap: anywhere; }
`;

export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head>
<body>${body}</body></html>
`;
}
