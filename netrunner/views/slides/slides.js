// Shows one slide at a time. The address keeps which: #7 is the seventh.

const slides = [...document.querySelectorAll(".slide")];
let current = 0;

function show(number) {
  current = Math.min(Math.max(number, 0), slides.length - 1);
  slides.forEach((slide, place) => { slide.hidden = place !== current; });
  document.getElementById("counter").textContent = `${current + 1} / ${slides.length}`;
  history.replaceState(null, "", `#${current + 1}`);
}

const fromAddress = () => (Number.parseInt(location.hash.slice(1), 10) || 1) - 1;
const next = () => show(current + 1);
const previous = () => show(current - 1);
const keys = {
  ArrowRight: next, ArrowDown: next, PageDown: next, " ": next, Enter: next,
  ArrowLeft: previous, ArrowUp: previous, PageUp: previous, Backspace: previous,
  Home: () => show(0), End: () => show(slides.length - 1),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !keys[event.key]) return;
  if (event.target.closest("button") && [" ", "Enter"].includes(event.key)) return; // its own
  event.preventDefault();
  (event.key === " " && event.shiftKey ? previous : keys[event.key])();
});
// A click goes on; one at the left edge goes back. To select text is not to click.
document.querySelector("main").addEventListener("click", (event) => {
  if (getSelection().isCollapsed) (event.clientX < innerWidth / 5 ? previous : next)();
});
document.getElementById("previous").addEventListener("click", previous);
document.getElementById("next").addEventListener("click", next);
addEventListener("hashchange", () => show(fromAddress()));

document.documentElement.classList.add("js");
document.getElementById("bar").hidden = false;
show(fromAddress());
