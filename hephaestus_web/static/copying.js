// Buttons that copy an id, a branch or a command.

async function copy(text, shown) {
  try {
    // Browsers offer this over TLS and on this machine alone, and some ask first.
    await navigator.clipboard.writeText(text);
  } catch {
    getSelection().selectAllChildren(shown);
    document.execCommand("copy");
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  await copy(button.dataset.copy, button.previousElementSibling);
  button.dataset.done = "";
  document.getElementById("said").textContent = "Copied.";
  setTimeout(() => delete button.dataset.done, 1500);
});
