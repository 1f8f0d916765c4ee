// Copies an example; without this file the pages lack only the buttons.
for (const button of document.querySelectorAll('.copy')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.parentElement.querySelector('code').textContent);
    const text = button.textContent;
    button.textContent = document.documentElement.lang === 'en' ? 'Copied.' : 'Copiado.';
    setTimeout(() => { button.textContent = text; }, 2000);
  });
}
