// @ts-check
// What stands in deploy/ is what Kubernetes, systemd and the proxy understand.
//   WAYBILL_PROXY=target/debug/waybill-proxy node --test tests/deploy/deploy.test.mjs
import { test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import * as models from "kubernetes-models";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path) => readFileSync(join(root, path), "utf8");
const folder = "deploy/kubernetes";

/** Every object, with the file it stands in. Kustomize's own file is no object of the API. */
const objects = readdirSync(join(root, folder))
  .filter((file) => file !== "kustomization.yaml")
  .flatMap((file) =>
    parseAllDocuments(read(`${folder}/${file}`), { strict: true, uniqueKeys: true }).map((document) => {
      assert.deepEqual(document.errors, [], file);
      return { file, object: document.toJS() };
    }),
  );
const find = (kind) => objects.find(({ object }) => object.kind === kind).object;

/** The API's class for an object: `models.apps.v1.Deployment`, `models.v1.Service`. */
function classOf({ apiVersion, kind }) {
  const versions = Object.values(models).flatMap((group) => [group, ...Object.values(group)]);
  const found = versions.map((version) => version[kind]).find((Class) => Class?.apiVersion === apiVersion);
  assert.ok(found, `the API has no ${apiVersion} ${kind}`);
  return found;
}

/**
 * The members that no schema knows. The API's validators are code that reads each member it knows and leaves the others
 * alone; so a member that was not read is misspelt.
 */
function unread(value, pointer = "") {
  if (value === null || typeof value !== "object") return { seen: value, left: () => [] };
  const names = new Set(Object.keys(value));
  const parts = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, unread(part, `${pointer}/${name}`)]));
  const target = Array.isArray(value) ? [] : {};
  for (const [name, part] of Object.entries(parts)) target[name] = part.seen;
  const seen = new Proxy(target, {
    get(object, name) {
      names.delete(String(name));
      return Reflect.get(object, name);
    },
  });
  const left = () => [
    ...[...names].map((name) => `${pointer}/${name}`),
    ...Object.entries(parts).flatMap(([name, part]) => (names.has(name) ? [] : part.left())),
  ];
  return { seen, left };
}

/** What is wrong with an object, in the API's words. */
function problems(object) {
  const { seen, left } = unread(object);
  try {
    // Called on the object itself: an instance of the class would be a copy, for which every member is read.
    classOf(object).prototype.validate.call(seen);
  } catch (error) {
    return [String(/** @type {Error} */ (error).message)];
  }
  return left();
}

test("every object has the form that the Kubernetes API asks for", () => {
  assert.ok(objects.length >= 8);
  for (const { file, object } of objects) assert.deepEqual(problems(object), [], file);
});

test("a misspelt, a missing and a mistyped member would be seen", () => {
  const deployment = () => structuredClone(find("Deployment"));
  const misspelt = deployment();
  misspelt.spec.template.spec.containers[0].readinesProbe = { httpGet: { path: "/healthz", port: "http" } };
  assert.deepEqual(problems(misspelt), ["/spec/template/spec/containers/0/readinesProbe"]);
  const missing = deployment();
  delete missing.spec.selector;
  assert.match(problems(missing)[0], /selector/);
  const mistyped = deployment();
  mistyped.spec.template.spec.terminationGracePeriodSeconds = "45";
  assert.match(problems(mistyped)[0], /terminationGracePeriodSeconds/);
});

test("the objects fit each other", () => {
  const deployment = find("Deployment");
  const [container] = deployment.spec.template.spec.containers;
  const labels = deployment.spec.template.metadata.labels;
  const settings = find("ConfigMap").data;
  const ports = Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, containerPort]));
  for (const selector of [
    deployment.spec.selector.matchLabels,
    find("Service").spec.selector,
    find("PodDisruptionBudget").spec.selector.matchLabels,
    find("NetworkPolicy").spec.podSelector.matchLabels,
  ]) {
    assert.deepEqual(selector, labels);
  }
  assert.equal(settings.WAYBILL_LISTEN, `0.0.0.0:${ports.http}`);
  assert.equal(settings.WAYBILL_METRICS, `0.0.0.0:${ports.metrics}`);
  assert.deepEqual(find("Ingress").spec.rules.map(({ host }) => host), [settings.WAYBILL_HOST]);
  assert.equal(find("HorizontalPodAutoscaler").spec.scaleTargetRef.name, deployment.metadata.name);
  const { sleep } = container.lifecycle.preStop;
  const needed = sleep.seconds + Number(settings.WAYBILL_DRAIN_SECONDS);
  assert.ok(deployment.spec.template.spec.terminationGracePeriodSeconds > needed);
  const listed = parseAllDocuments(read(`${folder}/kustomization.yaml`))[0].toJS().resources;
  assert.deepEqual([...listed].sort(), [...new Set(objects.map(({ file }) => file))].sort());
});

test("a pod has no rights that it does not need", () => {
  const { spec } = find("Deployment").spec.template;
  assert.equal(spec.automountServiceAccountToken, false);
  assert.equal(spec.securityContext.runAsNonRoot, true);
  const { securityContext } = spec.containers[0];
  assert.equal(securityContext.readOnlyRootFilesystem, true);
  assert.equal(securityContext.allowPrivilegeEscalation, false);
  assert.deepEqual(securityContext.capabilities, { drop: ["ALL"] });
});

test("every setting and path is one that the proxy has", { skip: !process.env.WAYBILL_PROXY && "WAYBILL_PROXY names no program" }, () => {
  const help = execFileSync(process.env.WAYBILL_PROXY, ["--help"], { encoding: "utf8" });
  const texts = ["docs/DEPLOY.md", "deploy/Containerfile", "deploy/nginx.conf", "deploy/systemd/waybill.service"];
  const all = [...texts, ...readdirSync(join(root, folder)).map((file) => `${folder}/${file}`)].map(read).join("\n");
  const variables = [...new Set(all.match(/\bWAYBILL_[A-Z_]+/g))];
  assert.ok(variables.length > 5);
  for (const variable of variables) {
    const flag = `--${variable.slice("WAYBILL_".length).toLowerCase().replaceAll("_", "-")}`;
    assert.match(help, new RegExp(`(^|\\s)${flag}\\b`), `${variable} stands for ${flag}`);
  }
  for (const [flag] of new Set(all.matchAll(/(?<=waybill-proxy[^`\n]*)--[a-z-]+/g))) assert.match(help, new RegExp(`${flag}\\b`));
  assert.match(help, /\/healthz/);
});

const has = (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

test("systemd understands the unit", { skip: !has("systemd-analyze") && "systemd-analyze is not here" }, () => {
  const unit = join(root, "deploy/systemd/waybill.service");
  const { stderr } = spawnSync("systemd-analyze", ["verify", unit], { encoding: "utf8" });
  // The program itself is not installed where this runs.
  const said = stderr.split("\n").filter((line) => line.includes("waybill.service") && !line.includes("is not executable"));
  assert.deepEqual(said, []);
});

const nginx = has("nginx") && has("openssl");

test("nginx understands the front server", { skip: !nginx && "nginx or openssl is not here" }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), "waybill-nginx-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", join(folder, "key.pem")];
  const certificate = ["-out", join(folder, "fullchain.pem"), "-days", "1", "-subj", "/CN=waybill.example"];
  execFileSync("openssl", ["req", "-x509", ...key, ...certificate], { stdio: "ignore" });
  const site = read("deploy/nginx.conf")
    .replaceAll("/etc/ssl/waybill", folder)
    .replaceAll("/var/cache/nginx/waybill", join(folder, "cache"));
  writeFileSync(join(folder, "site.conf"), site);
  const main = `pid ${folder}/pid; error_log stderr; events {} http { access_log off; include ${folder}/site.conf; }`;
  writeFileSync(join(folder, "nginx.conf"), main);
  const { status, stderr } = spawnSync("nginx", ["-t", "-c", join(folder, "nginx.conf")], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
});

test("the image has no root and nothing but the program", () => {
  const lines = read("deploy/Containerfile").split("\n").filter((line) => line && !line.startsWith("#"));
  assert.equal(lines[0], "FROM scratch");
  assert.ok(lines.includes("USER 65532:65532"));
  assert.deepEqual(lines.filter((line) => /^(COPY|ADD|RUN)/.test(line)), ["COPY waybill-proxy /waybill-proxy"]);
});
