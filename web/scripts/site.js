// What every page needs of a script, and no more: the language and the light that the reader chose are remembered.
// It stands in the head so that a dark page never flashes white; without it every page still reads.
(() => {
  const root = document.documentElement;
  root.dataset.script = "";

  const remembered = () => {
    try {
      return localStorage.getItem("light");
    } catch {
      return null; // storage may be forbidden
    }
  };
  const apply = (light) => {
    if (light === "light" || light === "dark") root.dataset.light = light;
    else delete root.dataset.light;
  };
  apply(remembered());
  document.cookie = `language=${root.lang.slice(0, 2)}; path=/; max-age=31536000; samesite=lax`;

  addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("#light");
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const now = () => root.dataset.light ?? (dark.matches ? "dark" : "light");
    const say = () => button.setAttribute("aria-pressed", String(now() === "dark"));
    say();
    dark.addEventListener("change", say);
    button.addEventListener("click", () => {
      const next = now() === "dark" ? "light" : "dark";
      apply(next);
      try {
        localStorage.setItem("light", next);
      } catch {
        // forbidden: it lasts as long as the page
      }
      say();
    });
    // The other language opens at the same moment of the same run.
    const other = document.querySelector("#language");
    other.addEventListener("click", () => {
      other.search = location.search;
      other.hash = location.hash;
    });
  });
})();
