// The one script of the microscope: it defines <socket-lab> and fetches the rest when one of them comes into view.
// It works on any page of any site; every address is found from where this script itself was loaded.
const glue = new URL("{glue}", import.meta.url);
const style = new URL("{style}", import.meta.url);
let ready; // one wasm instance serves every microscope of a page

function load() {
  ready ??= Promise.all([import(glue), dress()]).then(async ([lab]) => {
    await lab.default();
    return lab;
  });
  return ready;
}

// A page of this site has the styles already; any other page gets them now.
function dress() {
  if (getComputedStyle(document.documentElement).getPropertyValue("--send-1")) return undefined;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = style;
  return new Promise((done) => {
    link.onload = link.onerror = done;
    document.head.append(link);
  });
}

class SocketLab extends HTMLElement {
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

  // Fetches the microscope and mounts it here, in place of the programs that stood inside.
  async wake() {
    if (this.dataset.state !== "asleep") return;
    this.#watcher.disconnect();
    this.dataset.state = "waking";
    try {
      const lab = await load();
      lab.mount(this);
      this.dataset.state = "awake";
    } catch (error) {
      this.dataset.state = "failed"; // the programs stay readable
      console.error(error);
    }
  }
}

if (!customElements.get("socket-lab")) customElements.define("socket-lab", SocketLab);
