const log = document.getElementById("log");
const message = document.getElementById("message");
const url = new URL("/{{name}}/ws", location.href);
url.protocol = url.protocol.replace("http", "ws");

const socket = new WebSocket(url);
socket.onopen = () => show("connected");
socket.onclose = () => show("closed");
socket.onmessage = (event) => show(`< ${event.data}`);

document.getElementById("form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket.readyState !== WebSocket.OPEN) return show("not connected");
  socket.send(message.value);
  show(`> ${message.value}`);
  message.value = "";
});

function show(line) {
  log.textContent += `${line}\n`;
}
