// Shows a search go on without loading the page again. Without this script the page does that by itself.
(() => {
  const pause = 1500;
  const going = () => ['running', 'waiting'].includes(document.getElementById('results')?.dataset.state);

  async function look() {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (!answer.ok) throw new Error(String(answer.status));
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('results');
    const shown = document.getElementById('results');
    if (next === null || shown === null) return;
    const focused = document.activeElement?.getAttribute('href');
    shown.replaceWith(next);
    if (focused) [...next.querySelectorAll('a')].find((link) => link.getAttribute('href') === focused)?.focus();
  }

  async function follow() {
    while (going()) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (document.visibilityState === 'visible') await look().catch(() => {});
    }
  }
  void follow();
})();
