// Keeps times running and says whether the page is live. The page is complete without it.
(() => {
  const body = document.body;
  const ahead = Date.parse(body.dataset.now) - Date.now();
  const live = document.getElementById('live');
  const two = (value) => String(value).padStart(2, '0');

  function duration(ms) {
    const s = Math.max(0, Math.floor(ms / 1000));
    const h = Math.floor(s / 3600);
    const m = Math.floor((s % 3600) / 60);
    if (h > 0) return `${h}h ${two(m)}m ${two(s % 60)}s`;
    return m > 0 ? `${m}m ${two(s % 60)}s` : `${s}s`;
  }

  function age(ms) {
    const m = Math.floor(ms / 60000);
    if (m < 1) return 'just now';
    if (m < 60) return `${m}m ago`;
    return m < 2880 ? `${Math.floor(m / 60)}h ago` : `${Math.floor(m / 1440)}d ago`;
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function tick() {
    const now = Date.now() + ahead;
    for (const time of document.querySelectorAll('time[data-since]'))
      write(time, duration(now - Date.parse(time.dataset.since)));
    for (const time of document.querySelectorAll('time[data-until]'))
      write(time, duration(Date.parse(time.dataset.until) - now));
    for (const time of document.querySelectorAll('time[data-ago]'))
      write(time, age(now - Date.parse(time.dataset.ago)));
  }

  function say(state, words) {
    live.dataset.state = state;
    write(live, words);
  }

  setInterval(tick, 1000);
  body.addEventListener('htmx:sseOpen', () => say('on', 'Live'));
  body.addEventListener('htmx:sseError', () => say('off', 'Reconnecting'));
})();
