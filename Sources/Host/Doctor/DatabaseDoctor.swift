internal import ConnectorHost
internal import Crypto
internal import Identifiers
internal import Platform
internal import Store
internal import Sync
internal import Time

/// Whether the database can be used, is whole, and its credentials open.
struct DatabaseDoctor {
    let path: String
    /// nil where there are none to be had.
    let keys: SecretKeyRing?
    let now: Instant

    func findings() async throws -> [Finding] {
        do throws(StoreError) {
            guard let inspection = try await SQLiteStore.inspect(path: path) else {
                return [
                    .warn("database", "There is none at \(path) yet.", "trainflow serve makes it, and so does migrate.")
                ]
            }
            return [
                state(of: inspection), try holder(), credentials(inspection.credentials), clock(inspection.newestRun),
            ].compactMap(\.self)
        } catch {
            return [.fail("database", error.message, error.cause ?? "")]
        }
    }

    private func state(of inspection: DatabaseInspection) -> Finding {
        guard inspection.damage.isEmpty else {
            return .fail(
                "database",
                "\(path) is damaged: \(inspection.damage.joined(separator: "; "))",
                "Stop TrainFlow, keep a copy of the file, and restore the last backup."
            )
        }
        guard inspection.missing.isEmpty else {
            let names = inspection.missing.map { "\($0.number) (\($0.name))" }.joined(separator: ", ")
            return .warn(
                "database",
                "\(path) lacks migration \(names).",
                "trainflow serve applies it at its start; trainflow migrate plan shows it."
            )
        }
        return .ok("database", "\(path), \(ByteCount.text(inspection.bytes)), all migrations, no damage.")
    }

    /// Who has it open is no fault: it may be the host that is asked about.
    private func holder() throws(StoreError) -> Finding {
        do throws(SystemError) {
            switch try FileLock.state("\(path).lock") {
            case .free: return .ok("lock", "No process has the database open for writing.")
            case .held(let holder?):
                return .ok(
                    "lock",
                    "Process \(holder.process) writes to it (`\(holder.command)`, since \(holder.since))."
                )
            case .held(nil): return .ok("lock", "Another process writes to it.")
            }
        } catch {
            return .fail("lock", "\(error)", "Give this user the right to read \(path).lock.")
        }
    }

    private func credentials(_ stored: [DatabaseInspection.Credentials]) -> Finding? {
        guard let keys else { return nil }
        let cipher = CredentialCipher(keys: keys)
        var broken: [String] = []
        var firstReason = ""
        for credentials in stored {
            do throws(ConnectorError) {
                _ = try cipher.open(
                    credentials.encrypted.payload,
                    keyID: credentials.encrypted.keyID,
                    config: credentials.config,
                    tenant: credentials.tenant
                )
            } catch {
                if broken.isEmpty { firstReason = error.message }
                broken.append(credentials.config.description)
            }
        }
        guard !broken.isEmpty else {
            return .ok("credentials", "\(stored.count) stored, all open with the keys at hand.")
        }
        let more = broken.count > 3 ? " and \(broken.count - 3) more" : ""
        return .fail(
            "credentials",
            "\(broken.count) of \(stored.count) don't open: those of \(broken.prefix(3).joined(separator: ", "))\(more).",
            firstReason
        )
    }

    /// Leases, tokens and schedules live by the clock.
    private func clock(_ newestRun: Instant?) -> Finding {
        guard now.microseconds > Self.earliest else {
            return .fail("clock", "It is \(now) by this machine's clock.", "Set it; let it be kept right by NTP.")
        }
        if let newestRun, newestRun > now + .seconds(60) {
            return .fail(
                "clock",
                "The newest run was made at \(newestRun), but it is \(now) by this machine's clock.",
                "Set the clock; let it be kept right by NTP."
            )
        }
        return .ok("clock", "\(now)")
    }

    /// 2026-01-01T00:00:00Z, before this program was made.
    private static let earliest: Int64 = 1_767_225_600_000_000
}
