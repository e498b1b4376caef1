"use strict";
// Asks each tier once a second and shows who answered. All writes say what shall be, not what shall change, so that a
// lost answer can be asked for again.

const BARS = 150;
const PERIOD = 1000;
const byId = (id) => document.getElementById(id);
const visitor = recallVisitor();
const seen = new Map();
const tally = {answers: 0, lost: 0};
let shelf = "";
let products = [];
let changes = 0;

function recallVisitor() {
  const made = [...crypto.getRandomValues(new Uint8Array(8))].map((n) => n.toString(16).padStart(2, "0")).join("");
  try {
    localStorage.visitor ??= made;
    return localStorage.visitor;
  } catch {
    return made;  // Storage can be forbidden; the basket then lives as long as the page.
  }
}

async function ask(path, method = "GET", body) {
  const began = performance.now();
  try {
    const answer = await fetch(path, {method, body: body && JSON.stringify(body), cache: "no-store"});
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    const data = await answer.json();
    const [node, digest] = (answer.headers.get("X-Shop-Edge") ?? "- -").split(" ");
    showTier("edge", {node, digest});
    count(true);
    return {data, took: performance.now() - began};
  } catch (error) {
    console.warn(error);
    count(false);
    addBar(null);
    return null;
  }
}

function count(answered) {
  tally.answers += answered;
  tally.lost += !answered;
  byId("tally").innerHTML = `<b>${tally.answers}</b> answers, <b>${tally.lost}</b> lost`;
  byId("tally").classList.toggle("lost", tally.lost > 0);
}

// The same image has the same colour on every page, whoever looks.
function colour(digest) {
  let hash = 2166136261;
  for (const letter of digest) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619) >>> 0;
  return `hsl(${hash % 360} 68% 52%)`;
}

const brief = (digest) => digest.replace(/^sha256:/, "").slice(0, 12);

function showTier(tier, where) {
  let item = seen.get(tier)?.item;
  if (!item) item = byId("tier").content.firstElementChild.cloneNode(true);
  item.querySelector(".name").textContent = /^\d+$/.test(where.task) ? `${tier}.${where.task}` : tier;
  item.querySelector(".node").textContent = where.node;
  item.querySelector(".digest").textContent = brief(where.digest);
  item.style.setProperty("--swatch", colour(where.digest));
  const before = seen.get(tier)?.digest;
  if (before !== undefined && before !== where.digest) flash(item);
  seen.set(tier, {item, digest: where.digest});
  if (!item.isConnected) placeTiers();
}

function placeTiers() {
  byId("tiers").replaceChildren(...["edge", "web", "api", "store"].filter((t) => seen.has(t)).map((t) => seen.get(t).item));
}

function flash(item) {
  item.classList.remove("changed");
  void item.offsetWidth;  // Lets the animation begin anew.
  item.classList.add("changed");
}

function addBar(digest, took = 0) {
  const bar = document.createElement("i");
  if (digest === null) bar.className = "lost";
  else {
    bar.style.setProperty("--swatch", colour(digest));
    bar.style.setProperty("--tall", `${Math.min(100, 14 + 20 * Math.log2(1 + took / 4))}%`);
    bar.title = `${brief(digest)}, ${took.toFixed(0)} ms`;
  }
  byId("strip").append(bar);
  while (byId("strip").childElementCount > BARS) byId("strip").firstChild.remove();
}

function showShop(shop) {
  products = shop.products;
  byId("title").textContent = document.title = shop.title;
  byId("motto").textContent = shop.motto;
  byId("orders").textContent = shop.orders;
  const money = new Intl.NumberFormat(undefined, {style: "currency", currency: shop.currency});
  const wanted = JSON.stringify([shop.currency, ...products.map((p) => [p.sku, p.name, p.note, p.cents, p.art])]);
  if (wanted !== shelf) {
    byId("products").replaceChildren(...products.map((product) => makeCard(product, money)));
    shelf = wanted;
  }
  products.forEach((product, index) => fillCard(byId("products").children[index], product));
  showCart(money);
  showTier("api", shop.api);
  if (shop.store) showTier("store", shop.store);
}

function makeCard({sku, name, note, cents, art}, money) {
  const card = byId("product").content.firstElementChild.cloneNode(true);
  const part = (selector) => card.querySelector(selector);
  part("use").setAttribute("href", `#art-${art}`);
  part("h3").textContent = name;
  part(".note").textContent = note;
  part(".price").textContent = money.format(cents / 100);
  part(".stepper").setAttribute("aria-label", `How many of ${name}`);
  part(".less").setAttribute("aria-label", `One ${name} less`);
  part(".more").setAttribute("aria-label", `One ${name} more`);
  part(".less").onclick = () => setQuantity(sku, -1);
  part(".more").onclick = () => setQuantity(sku, 1);
  part(".like").onclick = () => toggleLike(sku);
  return card;
}

function fillCard(card, {name, likes, liked, quantity}) {
  card.querySelector("output").textContent = quantity;
  card.querySelector(".count").textContent = likes;
  const like = card.querySelector(".like");
  like.setAttribute("aria-pressed", liked);
  like.setAttribute("aria-label", `I like ${name}; ${likes} do`);
}

function showCart(money) {
  const pieces = products.reduce((sum, {quantity}) => sum + quantity, 0);
  const cents = products.reduce((sum, {quantity, cents}) => sum + quantity * cents, 0);
  const text = pieces ? `${pieces} in your basket, ${money.format(cents / 100)}` : "Your basket is empty.";
  // Written only when it changes: a screen reader says it each time.
  if (byId("cart").textContent !== text) byId("cart").textContent = text;
  byId("order").disabled = pieces === 0;
}

// What was asked before a change knows nothing of it, and is not shown any more.
async function change(path, method, body) {
  const mine = ++changes;
  const answer = await ask(path, method, body);
  if (answer && mine === changes) showShop(answer.data);
}

function setQuantity(sku, step) {
  const product = products.find((each) => each.sku === sku);
  product.quantity = Math.max(0, Math.min(99, product.quantity + step));
  fillCard(byId("products").children[products.indexOf(product)], product);
  change(`/api/carts/${visitor}/${sku}`, "PUT", {quantity: product.quantity});
}

function toggleLike(sku) {
  const {liked} = products.find((each) => each.sku === sku);
  change(`/api/likes/${visitor}/${sku}`, liked ? "DELETE" : "PUT");
}

byId("order").onclick = () => change(`/api/orders/${visitor}/${visitor}-${Date.now().toString(36)}`, "PUT");

async function look() {
  const before = changes;
  const [web, shop] = await Promise.all([ask("/where"), ask(`/api/shop/${visitor}`)]);
  if (web) {
    showTier("web", web.data);
    addBar(web.data.digest, web.took);
  }
  if (shop && before === changes) showShop(shop.data);
}

async function watch() {
  for (;;) {
    if (!document.hidden) await look();
    await new Promise((wake) => setTimeout(wake, PERIOD));
  }
}

showTier("web", WROTE_THE_PAGE);
watch();
