const element = (id) => document.getElementById(id);
let socket;

element("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  const url = new URL(`/chat/ws/${encodeURIComponent(element("room").value)}`, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.searchParams.set("name", element("name").value);
  socket?.close();
  element("lines").replaceChildren();
  element("state").textContent = "connecting";
  open(new WebSocket(url));
});

element("say").addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket?.readyState !== WebSocket.OPEN) return;
  socket.send(element("text").value);
  element("text").value = "";
});

function open(opened) {
  socket = opened;
  opened.onopen = () => {
    element("say").hidden = false;
    element("state").textContent = "";
    element("text").focus();
  };
  opened.onclose = (event) => {
    if (opened !== socket) return;
    element("say").hidden = true;
    element("state").textContent = `The connection was closed (${event.code}).`;
  };
  opened.onmessage = (event) => show(JSON.parse(event.data));
}

const WHAT = { enter: "comes in", leave: "leaves" };

function show({ kind, name, text, at }) {
  const line = document.createElement("li");
  if (kind === "say") {
    const who = document.createElement("strong");
    who.textContent = name;
    who.title = new Date(at).toLocaleString();
    line.append(who, ` ${text}`);
  } else {
    line.className = "note";
    line.textContent = `${name} ${WHAT[kind]}.`;
  }
  element("lines").append(line);
  line.scrollIntoView({ block: "nearest" });
}
