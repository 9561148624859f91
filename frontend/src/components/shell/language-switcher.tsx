import { Languages } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { type Language, usePreferences } from '@/store/preferences';

/** Each language is called what it calls itself. */
const names: Record<Language, string> = { en: 'English', ar: 'العربية' };

/** Turns the page over to the other language. */
export function LanguageSwitcher() {
  const language = usePreferences((state) => state.language);
  const set = usePreferences((state) => state.set);
  const other: Language = language === 'en' ? 'ar' : 'en';
  return (
    // In the system's letters: the other language's font is not fetched for one word.
    <Button variant="ghost" lang={other} className="font-system" onClick={() => set({ language: other })}>
      <Languages aria-hidden />
      {names[other]}
    </Button>
  );
}
