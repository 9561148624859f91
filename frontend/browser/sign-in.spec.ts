import { expect, expectAccessible, lookAt, prefer, test } from './harness.ts';

test.describe('nobody is signed in', () => {
  test.use({ isSignedIn: false, expected: /401|403/ });

  test('a token is asked for, and taken', async ({ page, tenant }) => {
    await page.goto('/integrations?which=off');
    await expect(page.getByRole('heading', { name: 'Sign in to TrainFlow' })).toBeVisible();
    const field = page.getByLabel('Token', { exact: true });
    await field.fill('no token');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByText('This is no token')).toBeVisible();
    await field.fill(`Bearer ${tenant.token}`);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { name: 'Integrations' })).toBeVisible();
    await expect(page).toHaveURL(/\/integrations\?which=off$/);
    expect(page.url()).not.toContain(tenant.token);
  });

  test('a token is taken with line ends and marks that came with it', async ({ page, tenant }) => {
    await page.goto('/integrations');
    const { token } = tenant;
    const copied = `\u200fBearer ${token.slice(0, 60)}\u200e ${token.slice(60)} \u200f`;
    await page.getByLabel('Token', { exact: true }).fill(copied);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { name: 'Integrations' })).toBeVisible();
  });

  test('a token of another key, one that has ended, and a role that may not are told apart', async ({
    page,
    host,
    tenant,
  }) => {
    await page.goto('/');
    const attempt = async (token: string) => {
      await page.getByLabel('Token', { exact: true }).fill(token);
      await page.getByRole('button', { name: 'Sign in' }).click();
    };
    await attempt(`${tenant.token.slice(0, -6)}AAAAAA`);
    await expect(page.getByText('TrainFlow does not take this token')).toBeVisible();
    await attempt(await host.token(tenant.id, 'learner'));
    await expect(page.getByText('may not use integrations')).toBeVisible();
    await expect(page.getByText('learner')).toBeVisible();
    const claims = Buffer.from(
      JSON.stringify({ sub: 'a', role: 'administrator', tenant_id: tenant.id, exp: 1_000_000_000 }),
    );
    await attempt(`e30.${claims.toString('base64url')}.AAAA`);
    await expect(page.getByText('This token ended')).toBeVisible();
  });

  test('the page is right in both languages and themes', async ({ page }) => {
    await lookAt(page, '/', 'sign-in', () => page.getByRole('heading', { level: 1 }).waitFor());
  });
});

test.describe('somebody is signed in', () => {
  test.use({ expected: /401/ });

  test('a token that ends lets the page stand and asks for another', async ({ page, tenant }) => {
    await tenant.config('Kept');
    await page.goto('/integrations');
    await page.getByRole('row', { name: /Kept/ }).waitFor();
    await page.getByRole('searchbox').fill('Ke');
    await page.route('**/api/v1/integrations/configs*', (route) =>
      route.fulfill({
        status: 401,
        contentType: 'application/problem+json',
        body: '{"status":401,"code":"x","detail":"x"}',
      }),
    );
    await page.getByRole('dialog', { name: 'Sign in again' }).waitFor();
    await expectAccessible(page);
    await page.unroute('**/api/v1/integrations/configs*');
    await page.getByLabel('Token', { exact: true }).fill(tenant.token);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(page.getByRole('searchbox')).toHaveValue('Ke');
    await page.getByRole('row', { name: /Kept/ }).waitFor();
  });

  test('signing out leaves nothing behind', async ({ page, tenant }) => {
    await tenant.config('Secret plans');
    await page.goto('/integrations');
    await page.getByRole('row', { name: /Secret plans/ }).waitFor();
    await page.getByRole('button', { name: 'Account and settings' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to TrainFlow' }).waitFor();
    const kept = await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
    expect(kept).not.toContain(tenant.token);
    expect(kept).not.toContain('Secret plans');
  });

  test('the language turns the page over at once and stays', async ({ page }) => {
    await page.goto('/integrations');
    await page.getByRole('button', { name: 'العربية' }).click();
    await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
    await expect(page.getByRole('heading', { name: 'التكاملات' })).toBeVisible();
    await page.reload({ waitUntil: 'commit' });
    await page.waitForFunction(() => document.documentElement.lang === 'ar' && document.documentElement.dir === 'rtl');
    await page.getByRole('button', { name: 'English' }).click();
    await expect(page.locator('html')).toHaveAttribute('dir', 'ltr');
  });

  test('the theme is there before the first paint', async ({ page }) => {
    await prefer(page, { theme: 'dark' });
    await page.route('**/assets/*.js', () => {}); // The page's own script never comes.
    await page.goto('/', { waitUntil: 'commit' });
    await expect(page.locator('html')).toHaveClass('dark');
  });
});
