const log = document.getElementById("log");
const message = document.getElementById("message");
const url = new URL("/reverseproxy/ws", location.href);
url.protocol = url.protocol.replace("http", "ws");

const socket = new WebSocket(url);
socket.onopen = () => show("connected");
socket.onclose = (event) => show(`closed (${event.code})`);
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
