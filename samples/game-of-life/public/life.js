const LIVING = [122, 211, 160];
const EMPTY = [16, 32, 44];

const canvas = document.getElementById("world");
const pen = canvas.getContext("2d");
const run = document.getElementById("run");
const generations = document.getElementById("generations");
const state = document.getElementById("state");

let running = false;
let age = 0;

async function ask(path, method = "POST") {
  const answer = await fetch(`/game-of-life/${path}`, { method });
  if (!answer.ok) throw new Error((await answer.text()).slice(0, 300));
  paint(new Uint8Array(await answer.arrayBuffer()), Number(answer.headers.get("x-side")));
}

function paint(cells, side) {
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const image = pen.createImageData(side, side);
  let living = 0;
  for (const [index, cell] of cells.entries()) {
    living += cell;
    image.data.set(cell ? LIVING : EMPTY, index * 4);
    image.data[index * 4 + 3] = 255;
  }
  pen.putImageData(image, 0, 0);
  state.textContent = `${age} generations, ${living} living cells`;
}

async function step() {
  const count = Number(generations.value);
  age += count;
  await ask(`step?generations=${count}`);
}

function setRunning(on) {
  running = on;
  run.textContent = on ? "Pause" : "Run";
  run.setAttribute("aria-pressed", String(on));
}

/** Errors are shown and stop the run. */
async function attempt(act) {
  try {
    await act();
  } catch (error) {
    setRunning(false);
    state.textContent = error.message;
  }
}

async function loop() {
  while (running) {
    await attempt(step);
    await new Promise(requestAnimationFrame);
  }
}

run.addEventListener("click", () => {
  setRunning(!running);
  loop();
});
document.getElementById("step").addEventListener("click", () => attempt(step));
document.getElementById("scatter").addEventListener("click", () => {
  age = 0;
  attempt(() => ask("scatter"));
});
canvas.addEventListener("click", (event) => {
  const box = canvas.getBoundingClientRect();
  const x = Math.floor(((event.clientX - box.left) / box.width) * canvas.width);
  const y = Math.floor(((event.clientY - box.top) / box.height) * canvas.height);
  attempt(() => ask(`flip?x=${x}&y=${y}`));
});
attempt(() => ask("world", "GET"));
