// What is wrong with the page that is open, for those who do not see it, or not well, or on a
// narrow screen. An expression: its value is a list of sentences.
(() => {
  const flaws = [];
  const flaw = (text, element) => flaws.push(text + (element ? ': ' + element.outerHTML.slice(0, 160) : ''));
  const all = selector => [...document.querySelectorAll(selector)];

  if (!document.title.trim()) flaw('no title');
  if (!document.documentElement.lang) flaw('no language');
  for (const [selector, name] of [['body > header', 'header'], ['nav', 'nav'], ['main', 'main'], ['body > footer', 'footer'], ['h1', 'h1']])
    if (all(selector).length < 1 || (selector !== 'nav' && all(selector).length > 1)) flaw(`not one ${name} but ${all(selector).length}`);

  let level = 0;
  for (const heading of all('h1, h2, h3, h4, h5, h6')) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) flaw(`h${next} after h${level}`, heading);
    if (!heading.textContent.trim()) flaw('empty heading', heading);
    level = next;
  }
  const ids = all('[id]').map(element => element.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) flaw(`id ${id} twice`);
  for (const link of all('a[href^="#"]'))
    if (!document.getElementById(decodeURIComponent(link.hash.slice(1)))) flaw('leads nowhere', link);
  for (const image of all('img')) if (!image.hasAttribute('alt')) flaw('no alt', image);
  for (const image of all('svg')) if (!image.getAttribute('aria-label')) flaw('no text in its place', image);
  for (const field of all('input, select, textarea')) if (!field.labels.length) flaw('no label', field);
  for (const button of all('button, a[href]'))
    if (!button.textContent.trim() && !button.querySelector('img[alt]:not([alt=""])')) flaw('no text', button);
  for (const head of all('.facts th')) if (!head.hasAttribute('scope')) flaw('no scope', head);
  const skip = all('a')[0];
  if (!skip || !document.querySelector('main' + skip.hash)) flaw('the first link does not lead to the text', skip);

  for (const element of all('*'))
    for (const attribute of element.attributes) {
      if (attribute.name.startsWith('on') || attribute.name === 'style') flaw('attribute ' + attribute.name, element);
      if (['href', 'src', 'action'].includes(attribute.name)) {
        const scheme = new URL(attribute.value, document.baseURI).protocol;
        if (!['http:', 'https:', 'mailto:'].includes(scheme)) flaw('address ' + scheme, element);
      }
    }
  if (all('script, iframe, object, embed, base, style, link[rel~="stylesheet"]:not([href$="style.css"])').length) flaw('something that runs or embeds');

  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) flaw(`${wide} px too wide`, all('body *').find(element =>
    element.getBoundingClientRect().right > innerWidth + 1 && !element.closest('.scroll, .skip, .unseen')));

  // Relative luminance and contrast by WCAG 2.2.
  const parse = text => (text.match(/[\d.]+/g) || []).map(Number);
  const light = color => {
    const [r, g, b] = color.map(value => value / 255).map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, alpha = 1] = parse(getComputedStyle(at).backgroundColor);
      if (alpha === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const low = new Map();
  for (const element of all('body *')) {
    if (![...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue;
    const [paper, ink] = [ground(element), parse(getComputedStyle(element).color).slice(0, 3)];
    const [dark, bright] = [light(paper), light(ink)].sort((a, b) => a - b);
    const contrast = (bright + 0.05) / (dark + 0.05);
    if (contrast < 4.5) low.set(`contrast ${contrast.toFixed(2)} of ${ink} on ${paper}`, element);
  }
  for (const [text, element] of low) flaw(text, element);
  return flaws;
})()
