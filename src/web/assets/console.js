// Keeps the console at its end while the reader is there, and bounded.
(() => {
  const box = document.getElementById('console');
  if (box === null) return;
  const limit = 500000;
  let atEnd = true;

  const toEnd = () => box.scrollTo({ top: box.scrollHeight, behavior: 'instant' });

  function trim() {
    let over = box.textContent.length - limit;
    while (over > 0 && box.childElementCount > 1) {
      over -= box.firstElementChild.textContent.length;
      box.firstElementChild.remove();
    }
  }

  // A new connection goes on behind what is shown: the id of an event is the offset behind it.
  function remember(offset) {
    const url = new URL(document.body.getAttribute('sse-connect'), location.href);
    url.searchParams.set('offset', offset);
    document.body.setAttribute('sse-connect', url.pathname + url.search);
  }

  box.addEventListener('htmx:sseBeforeMessage', () => {
    atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  });
  box.addEventListener('htmx:sseMessage', (message) => {
    remember(message.detail.lastEventId);
    trim();
    if (atEnd) toEnd();
  });
  toEnd();
})();
