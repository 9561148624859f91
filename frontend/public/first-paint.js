// Before the first paint, so that nothing turns over or flashes: language, direction and theme as chosen last time.
// What is kept there is written by src/store/preferences.ts.
(() => {
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem('trainflow.preferences') ?? '{}').state ?? {};
  } catch {
    kept = {}; // Storage is switched off, or somebody wrote something else: the defaults do.
  }
  const language = kept.language ?? (navigator.language.toLowerCase().startsWith('ar') ? 'ar' : 'en');
  const root = document.documentElement;
  root.lang = language;
  root.dir = language === 'ar' ? 'rtl' : 'ltr';
  const isDark =
    kept.theme === 'dark' || (kept.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.classList.toggle('dark', isDark);
})();
