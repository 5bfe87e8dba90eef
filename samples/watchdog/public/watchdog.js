const SILENT_AFTER_MINUTES = 70;

const rows = document.getElementById("services");

async function refresh() {
  const response = await fetch("/watchdog/status");
  if (!response.ok) {
    rows.replaceChildren(row("", `The status cannot be read (${response.status}).`, true));
    return;
  }
  const { services } = await response.json();
  const names = Object.keys(services).sort();
  rows.replaceChildren(
    ...names.map((name) => {
      // Timestamps are in microseconds.
      const heard = new Date(services[name].timestamp / 1000);
      const minutes = Math.round((Date.now() - heard.getTime()) / 60_000);
      const text = `${minutes} min ago, ${heard.toLocaleString()}`;
      return row(name, text, minutes > SILENT_AFTER_MINUTES);
    }),
  );
  if (names.length === 0) rows.replaceChildren(row("", "Nobody yet.", false));
}

function row(name, text, silent) {
  const line = document.createElement("tr");
  line.classList.toggle("silent", silent);
  for (const content of [name, text]) line.insertCell().textContent = content;
  return line;
}

document.getElementById("refresh").addEventListener("click", refresh);
refresh();
