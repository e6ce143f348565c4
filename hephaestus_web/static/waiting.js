// The tab says how much waits for its reader, by its title and its icon.

const icon = document.querySelector('link[rel="icon"]');

function show() {
  const waiting = document.querySelector("[data-waiting]")?.dataset.waiting;
  if (waiting === undefined) return;
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = waiting === "0" ? title : `(${waiting}) ${title}`;
  icon.href = waiting === "0" ? icon.dataset.calm : icon.dataset.waits;
}

document.addEventListener("parts", show);
