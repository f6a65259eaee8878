// Reads manifests of operators' kinds as JSON from standard input, and prints what their models find wrong: values by
// the models' own validation, names of fields that there are not by their types.
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const place = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), "models-"));
symlinkSync(join(place, "node_modules"), join(folder, "node_modules"));
writeFileSync(join(folder, "from.mjs"), "export const load = (path) => import(path);");
const { load } = await import(pathToFileURL(join(folder, "from.mjs")));
const PACKAGES = {
  "keda.sh": "@kubernetes-models/keda",
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
  "gateway.networking.k8s.io": "@kubernetes-models/gateway-api",
  "postgresql.cnpg.io": "@kubernetes-models/cloudnative-pg",
};
const manifests = JSON.parse(readFileSync(0, "utf8"));
const wrong = [];
const typed = [];
for (const [number, manifest] of manifests.entries()) {
  const path = `${PACKAGES[manifest.apiVersion.split("/")[0]]}/${manifest.apiVersion}/${manifest.kind}`;
  const name = `${manifest.kind} ${manifest.metadata.name}`;
  let model;
  try {
    model = (await load(path))[manifest.kind];
  } catch (error) {
    wrong.push(`${name}: no model (${error.message})`);
    continue;
  }
  try {
    new model(manifest).validate();
  } catch (error) {
    wrong.push(`${name}: ${error.message}`);
  }
  typed.push(`import type { I${manifest.kind} as T${number} } from "${path}";`);
  typed.push(`export const m${number}: T${number} = ${JSON.stringify(manifest)}; // ${name}`);
}
const file = join(folder, "manifests.ts");
writeFileSync(file, typed.join("\n"));
const { default: ts } = await load("typescript");
const program = ts.createProgram([file], {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  target: ts.ScriptTarget.ES2022,
  types: [],
});
for (const found of ts.getPreEmitDiagnostics(program)) {
  const text = ts.flattenDiagnosticMessageText(found.messageText, " ");
  const line = found.file ? found.file.text.slice(found.start, found.start + 40) : "";
  wrong.push(`${text} (${line})`);
}
rmSync(folder, { recursive: true });
console.log(JSON.stringify(wrong));
