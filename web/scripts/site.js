// What every page needs of a script, and no more: the language and the light that the reader chose are remembered.
// It stands in the head so that a dark page never flashes white; without it every page still reads.
const root = document.documentElement;

function remembered() {
  try {
    return localStorage.getItem("light");
  } catch {
    return null; // storage may be forbidden
  }
}

function apply(light) {
  if (light === "light" || light === "dark") root.dataset.light = light;
  else delete root.dataset.light;
}

apply(remembered());
document.cookie = `language=${root.lang.slice(0, 2)}; path=/; max-age=31536000; samesite=lax`;

addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector("#light");
  if (!button) return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const now = () => root.dataset.light ?? (dark.matches ? "dark" : "light");
  const say = () => button.setAttribute("aria-pressed", String(now() === "dark"));
  button.hidden = false;
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
});
