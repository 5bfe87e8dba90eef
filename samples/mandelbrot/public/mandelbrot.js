const WHOLE = { x: -0.6, y: 0, span: 3.2 };
const SMALLEST_SPAN = 0.00002;

const picture = document.getElementById("picture");
const controls = document.getElementById("controls");
const state = document.getElementById("state");

let view = { ...WHOLE };
let shown = "";
let busy = false;

/** One request at a time; what changed meanwhile is drawn next. */
async function draw() {
  const url = pictureUrl();
  if (busy || url === shown) return;
  busy = true;
  shown = url;
  try {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error((await answer.text()).slice(0, 300));
    const old = picture.src;
    picture.src = URL.createObjectURL(await answer.blob());
    await picture.decode();
    if (old) URL.revokeObjectURL(old);
    state.textContent = describe(answer.headers.get("server-timing") ?? "");
  } catch (error) {
    state.textContent = error.message;
  }
  busy = false;
  await draw();
}

function pictureUrl() {
  const { iterations, hue } = Object.fromEntries(new FormData(controls));
  const query = new URLSearchParams({ middle: `${view.x},${view.y}`, span: view.span, iterations, hue });
  return `/mandelbrot/picture?${query}`;
}

function describe(timing) {
  const adapter = /desc="([^"]*)"/.exec(timing)?.[1] ?? "GPU";
  const ms = /dispatch;dur=([\d.]+)/.exec(timing)?.[1] ?? "?";
  return `${view.x.toPrecision(6)} ${view.y < 0 ? "−" : "+"} ${Math.abs(view.y).toPrecision(6)}i · width ${view.span.toPrecision(3)} · ${Number(ms).toFixed(1)} ms on ${adapter}`;
}

/** Zooms so that the point stays where it is; (0.5, 0.5) is the middle. */
function zoom(factor, atX = 0.5, atY = 0.5) {
  const span = Math.min(Math.max(view.span * factor, SMALLEST_SPAN), 8);
  const change = view.span - span;
  const aspect = picture.clientHeight / picture.clientWidth;
  view = {
    x: view.x + change * (atX - 0.5),
    y: view.y - change * (atY - 0.5) * aspect,
    span,
  };
  draw();
}

function move(dx, dy) {
  view = { ...view, x: view.x + dx * view.span, y: view.y + dy * view.span };
  draw();
}

picture.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    const box = picture.getBoundingClientRect();
    const at = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    zoom(Math.exp(event.deltaY * 0.002), ...at);
  },
  { passive: false },
);

picture.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  picture.focus();
  picture.setPointerCapture(event.pointerId);
});
picture.addEventListener("pointermove", (event) => {
  if (!picture.hasPointerCapture(event.pointerId)) return;
  move(-event.movementX / picture.clientWidth, event.movementY / picture.clientWidth);
});

const KEYS = {
  ArrowLeft: () => move(-0.1, 0),
  ArrowRight: () => move(0.1, 0),
  ArrowUp: () => move(0, 0.1),
  ArrowDown: () => move(0, -0.1),
  "+": () => zoom(0.7),
  "-": () => zoom(1 / 0.7),
};
picture.addEventListener("keydown", (event) => {
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

controls.addEventListener("input", () => draw());
controls.addEventListener("submit", (event) => event.preventDefault());
controls.addEventListener("reset", () => {
  view = { ...WHOLE };
  setTimeout(draw);
});
draw();
