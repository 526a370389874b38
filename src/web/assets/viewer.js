// Marks the line, lines or time that the address names, and moves by keys. The page shows and links all of it without this script.
(() => {
  const log = document.getElementById('log');
  if (log === null) return;
  const rows = [...log.querySelectorAll('.row')];
  const numberOf = (row) => Number(row.id.slice(1));
  let current;

  function mark(marked) {
    for (const row of log.querySelectorAll('.row.here')) row.classList.remove('here');
    for (const row of marked) row.classList.add('here');
    current = marked[0];
    current?.scrollIntoView({ block: 'center' });
  }

  // `#L12`, `#L12-L20`, `#t2026-11-27T10:00:00`: what is not on this page is on another one.
  function follow() {
    const [, first, last] = /^#L(\d{1,12})(?:-L(\d{1,12}))?$/.exec(location.hash) ?? [];
    if (first !== undefined) return followLines(Number(first), Number(last ?? first));
    const [, time] = /^#t(\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]{0,10}Z?)$/.exec(decodeURIComponent(location.hash)) ?? [];
    if (time !== undefined) location.replace(`?${new URLSearchParams({ time })}`);
  }

  function followLines(first, last) {
    const marked = rows.filter((row) => numberOf(row) >= first && numberOf(row) <= last);
    if (marked.length > 0) return mark(marked);
    const asked = new URLSearchParams(location.search).get('line');
    if (asked !== String(first)) location.replace(`?line=${first}${location.hash}`);
  }

  function move(step) {
    const at = current === undefined ? -1 : rows.indexOf(current);
    const row = rows[Math.min(rows.length - 1, Math.max(0, at + step))];
    if (row === undefined) return;
    mark([row]);
    history.replaceState(null, '', `?line=${numberOf(row)}#${row.id}`);
  }

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    n: () => document.querySelector('[data-turn="next"]')?.click(),
    p: () => document.querySelector('[data-turn="previous"]')?.click(),
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, select, textarea')) return;
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
  addEventListener('hashchange', follow);
  follow();
})();
