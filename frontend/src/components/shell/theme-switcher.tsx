import { Monitor, Moon, Sun } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { useMessages } from '@/i18n/messages';
import { type Theme, usePreferences } from '@/store/preferences';
import { shellMessages } from './messages';

const themes: readonly { theme: Theme; icon: typeof Sun }[] = [
  { theme: 'system', icon: Monitor },
  { theme: 'light', icon: Sun },
  { theme: 'dark', icon: Moon },
];

/** Each press goes on to the next of three: as the system, light, dark. */
export function ThemeSwitcher() {
  const t = useMessages(shellMessages);
  const theme = usePreferences((state) => state.theme);
  const set = usePreferences((state) => state.set);
  const at = Math.max(
    0,
    themes.findIndex((entry) => entry.theme === theme),
  );
  const Icon = themes[at]?.icon ?? Monitor;
  const name = `${t('theme')}: ${t(`theme.${theme}`)}`;
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label={name}
      title={name}
      onClick={() => set({ theme: themes[(at + 1) % themes.length]?.theme ?? 'system' })}
    >
      <Icon aria-hidden />
    </Button>
  );
}
