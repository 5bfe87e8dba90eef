import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { MocError } from "../protocol/errors.ts";
import { loadOrCreateCertificate } from "./certificate.ts";

describe("certificate", () => {
  let folder: string;
  before(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "moc-certificate-")), "tls");
  });
  after(() => rm(join(folder, ".."), { recursive: true }));

  it("is made once, for this machine's names, readable by its owner only", async () => {
    const made = await loadOrCreateCertificate(folder);
    const certificate = new X509Certificate(made.cert);
    assert.equal(certificate.checkHost("localhost"), "localhost");
    assert.equal(certificate.checkIP("127.0.0.1"), "127.0.0.1");
    assert.equal(certificate.checkIP("::1"), "::1");
    assert.equal(certificate.ca, false);
    const days = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 86_400_000;
    assert.ok(days > 396 && days <= 825, `${days} days`);
    assert.equal((await stat(join(folder, "tls.key.pem"))).mode & 0o777, 0o600);
    assert.deepEqual(await loadOrCreateCertificate(folder), made);
  });

  it("is made anew for a name that it lacks, and kept for those it has", async () => {
    const names = ["moc.example.org:8443", "192.168.1.5"];
    const made = await loadOrCreateCertificate(folder, names);
    const certificate = new X509Certificate(made.cert);
    assert.equal(certificate.checkHost("moc.example.org"), "moc.example.org");
    assert.equal(certificate.checkIP("192.168.1.5"), "192.168.1.5");
    assert.deepEqual(await loadOrCreateCertificate(folder, names), made);
    assert.deepEqual(await loadOrCreateCertificate(folder), made);
  });

  it("is made anew when key and certificate do not belong together", async () => {
    const before = await loadOrCreateCertificate(folder);
    const other = await loadOrCreateCertificate(join(folder, "other"));
    await writeFile(join(folder, "tls.key.pem"), other.key);
    const made = await loadOrCreateCertificate(folder);
    assert.notEqual(made.cert, before.cert);
    assert.equal(await readFile(join(folder, "tls.key.pem"), "utf8"), made.key);
  });

  it("is not overwritten when it cannot be read", async () => {
    await writeFile(join(folder, "tls.cert.pem"), "not a certificate");
    await assert.rejects(loadOrCreateCertificate(folder), (error: MocError) => {
      assert.equal(error.code, "MOC_DATA_UNUSABLE");
      assert.match(error.message, /Remove tls\.key\.pem and tls\.cert\.pem/);
      return true;
    });
    assert.equal(await readFile(join(folder, "tls.cert.pem"), "utf8"), "not a certificate");
  });
});
