const LONGEST_SIDE = 1024;

const controls = document.getElementById("controls");
const before = document.getElementById("before");
const after = document.getElementById("after");
const state = document.getElementById("state");
const pen = before.getContext("2d");

let png;
let busy = false;
let again = false;

/** Something to look at until a picture is chosen. */
function paintExample() {
  before.width = 480;
  before.height = 320;
  const sky = pen.createLinearGradient(0, 0, 0, 320);
  sky.addColorStop(0, "#12395e");
  sky.addColorStop(1, "#f6b26b");
  pen.fillStyle = sky;
  pen.fillRect(0, 0, 480, 320);
  pen.fillStyle = "#fff2cc";
  pen.beginPath();
  pen.arc(330, 150, 44, 0, 2 * Math.PI);
  pen.fill();
  for (const [shade, height] of [["#3d5a73", 90], ["#22384a", 50]]) {
    pen.fillStyle = shade;
    pen.beginPath();
    pen.moveTo(0, 320);
    for (let x = 0; x <= 480; x += 4) {
      pen.lineTo(x, 320 - height - 40 * Math.sin(x / (height / 2)) - 18 * Math.sin(x / 17));
    }
    pen.lineTo(480, 320);
    pen.fill();
  }
}

async function load(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  before.width = Math.round(picture.width * scale);
  before.height = Math.round(picture.height * scale);
  pen.drawImage(picture, 0, 0, before.width, before.height);
}

const toPng = () => new Promise((resolve) => before.toBlob(resolve, "image/png"));

/** One request at a time; a change meanwhile is applied afterwards. */
async function apply() {
  again = busy;
  if (busy) return;
  busy = true;
  const { filter, strength } = Object.fromEntries(new FormData(controls));
  try {
    const answer = await fetch(`/image-filter/${filter}?strength=${strength}`, {
      method: "POST",
      headers: { "content-type": "image/png" },
      body: png,
    });
    if (!answer.ok) throw new Error((await answer.text()).slice(0, 300));
    const old = after.src;
    after.src = URL.createObjectURL(await answer.blob());
    if (old) URL.revokeObjectURL(old);
    const ms = /dispatch;dur=([\d.]+)/.exec(answer.headers.get("server-timing") ?? "")?.[1];
    state.textContent = ms ? `${Number(ms).toFixed(1)} ms on the GPU` : "";
  } catch (error) {
    state.textContent = error.message;
  }
  busy = false;
  if (again) await apply();
}

controls.addEventListener("submit", (event) => event.preventDefault());
controls.addEventListener("input", async (event) => {
  if (event.target.name === "file") {
    const [file] = event.target.files;
    if (!file) return;
    await load(file).catch((error) => {
      state.textContent = `This picture cannot be read: ${error.message}`;
    });
    png = await toPng();
  }
  await apply();
});

paintExample();
png = await toPng();
await apply();
