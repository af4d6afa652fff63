// The one script that a page loads: it defines <{tag}> and fetches the rest when one of them comes into view.
// It works on any page of any site; every address is found from where this script itself was loaded.
const place = (path) => new URL(path, import.meta.url);
let ready; // one wasm instance and one style sheet serve every element of a page

function load() {
  ready ??= Promise.all([import(place("{glue}")), sheet("{style}"), tokens()]).then(async ([module, style]) => {
    await module.default();
    return (element) => module.mount(element, style);
  });
  return ready;
}

async function sheet(path) {
  const answer = await fetch(place(path));
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
  return new CSSStyleSheet().replace(await answer.text());
}

// A page of this site knows the colours already; any other page learns them now.
async function tokens() {
  if (getComputedStyle(document.documentElement).getPropertyValue("--send-1")) return;
  document.adoptedStyleSheets.push(await sheet("{tokens}"));
}

class Waking extends HTMLElement {
  #watcher;

  connectedCallback() {
    if (this.dataset.state) return;
    this.dataset.state = "asleep";
    this.#watcher = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) this.wake();
      },
      { rootMargin: "400px" },
    );
    this.#watcher.observe(this);
  }

  disconnectedCallback() {
    this.#watcher?.disconnect();
  }

  // Fetches the module and mounts it here, in place of what stood inside.
  async wake() {
    if (this.dataset.state !== "asleep") return;
    this.#watcher.disconnect();
    this.dataset.state = "waking";
    try {
      const mount = await load();
      mount(this);
      this.dataset.state = "awake";
    } catch (error) {
      this.dataset.state = "failed"; // what stood inside stays readable
      console.error(error);
    }
  }
}

if (!customElements.get("{tag}")) customElements.define("{tag}", Waking);
