import puppeteer, { type Browser, type ElementHandle, type Page } from 'puppeteer';
import { EXECUTABLE } from '../support/session.ts';

/** How long the page may take to show something, on a machine that is busy with other things. */
const PATIENCE_MS = 20_000;

/** What the page did that it should not: errors, broken rules of its policy, calls to elsewhere. */
interface Trouble {
  readonly what: string;
}

/** The phone's page in a real browser, found and used as a person does: by what it says. */
export class PhonePageDriver {
  readonly page: Page;
  readonly troubles: Trouble[] = [];
  /** Every request so far, as `METHOD path`. */
  readonly requests: string[] = [];
  readonly #browser: Browser;
  readonly #url: string;

  private constructor(browser: Browser, page: Page, url: string) {
    this.#browser = browser;
    this.page = page;
    this.#url = url;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.troubles.push({ what: String(error) }));
    page.on('console', (message) => {
      if (message.type() === 'error') this.troubles.push({ what: message.text() });
    });
    page.on('request', (request) => {
      const address = new URL(request.url());
      this.requests.push(`${request.method()} ${address.pathname}`);
      const own = ['data:', 'blob:'].includes(address.protocol) || address.origin === new URL(url).origin;
      if (!own) this.troubles.push({ what: `a request to ${address.origin}` });
    });
  }

  /** @param url where the control API is */
  static async open(url: string): Promise<PhonePageDriver> {
    const browser = await puppeteer.launch({
      executablePath: EXECUTABLE,
      headless: EXECUTABLE.includes('shell') ? 'shell' : true,
      args: ['--no-sandbox', '--lang=en-US'],
    });
    return new PhonePageDriver(browser, await browser.newPage(), url);
  }

  /** Goes to a place such as `#/491510000001/devices`, and waits until the page is live. */
  async go(hash: string): Promise<void> {
    await this.page.goto(`${this.#url}/${hash}`);
    await this.page.waitForSelector('[data-line="live"]');
  }

  async resize(width: number, height: number, scheme: 'light' | 'dark' = 'light'): Promise<void> {
    await this.page.setViewport({ width, height });
    await this.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  }

  /** The element with this role and name, once it is there and can be seen. */
  async find(role: string, name: string): Promise<ElementHandle<Element>> {
    const found = await this.page.waitForSelector(`aria/${name}[role="${role}"]`, { visible: true });
    if (found === null) throw new Error(`the page has no ${role} "${name}"`);
    return found;
  }

  async click(role: string, name: string): Promise<void> {
    const element = await this.find(role, name);
    await element.click();
  }

  /** Puts text into a field, in the place of what is there. */
  async fill(name: string, text: string): Promise<void> {
    const field = await this.find('textbox', name);
    await field.click({ count: 3 });
    await this.page.keyboard.type(text);
  }

  async choose(name: string, value: string): Promise<void> {
    const select = await this.find('combobox', name);
    await select.select(value);
  }

  /** Gives a file to the field with this label. */
  async upload(label: string, path: string): Promise<void> {
    const field = await this.page.waitForFunction(
      (words) =>
        [...document.querySelectorAll<HTMLInputElement>('input[type=file]')].find(
          (input) => input.ariaLabel === words || input.labels?.[0]?.textContent?.includes(words),
        ) ?? false,
      {},
      label,
    );
    await (field as ElementHandle<HTMLInputElement>).uploadFile(path);
  }

  /** Waits until an element says these words; gives the first that does. */
  async says(selector: string, words: string): Promise<ElementHandle<Element>> {
    const found = await this.page.waitForFunction(
      (where, what) =>
        [...document.querySelectorAll(where)].find((element) => element.textContent?.includes(what)) ?? false,
      {},
      selector,
      words,
    );
    return found as ElementHandle<Element>;
  }

  /** Waits until nothing of this selector says these words. */
  async saysNoMore(selector: string, words: string): Promise<void> {
    await this.page.waitForFunction(
      (where, what) =>
        [...document.querySelectorAll(where)].every((element) => !element.textContent?.includes(what)),
      {},
      selector,
      words,
    );
  }

  /** What the ticks of the message with these words say, in the order in which they said it. */
  async watchTicks(words: string): Promise<() => Promise<readonly string[]>> {
    const bubble = await this.says('.message', words);
    const seen = await bubble.evaluateHandle((element) => {
      const said: string[] = [];
      const look = () => {
        const label = element.querySelector('.ticks')?.getAttribute('aria-label') ?? '';
        if (said.at(-1) !== label) said.push(label);
      };
      look();
      new MutationObserver(look).observe(element, { subtree: true, childList: true, attributes: true });
      return said;
    });
    return () => seen.jsonValue();
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
