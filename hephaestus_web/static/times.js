// Shows times in the reader's zone, which the foot of the page names, and ages as they grow.

const format = (options) => new Intl.DateTimeFormat("en-GB", { hourCycle: "h23", ...options });
const CLOCK = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = format({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const YEAR = format({ day: "numeric", month: "short", year: "numeric" });
const WHOLE = format({ dateStyle: "full", timeStyle: "long" });
const ZONE = format({ timeZoneName: "longOffset" });

const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

function age(at, now) {
  const seconds = Math.max(0, Math.floor((now - at) / 1000));
  const [size, unit] = UNITS.find(([each]) => seconds >= each) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}

function clock(at, now) {
  if (at.toDateString() === now.toDateString()) return CLOCK.format(at);
  return (at.getFullYear() === now.getFullYear() ? DAY : YEAR).format(at);
}

function show(times) {
  const now = new Date();
  for (const time of times) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const text = "age" in time.dataset ? age(at, now) : clock(at, now);
    if (time.textContent !== text) time.textContent = text;
    time.title ||= WHOLE.format(at);
  }
}

const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const offset = ZONE.formatToParts().find((part) => part.type === "timeZoneName").value;
document.getElementById("zone").textContent = `Times are in ${timeZone} (${offset}).`;
show(document.querySelectorAll("time[datetime]"));
document.addEventListener("parts", ({ detail }) => {
  for (const part of detail) show(part.querySelectorAll("time[datetime]"));
});
setInterval(() => show(document.querySelectorAll("time[data-age]")), 5000);
