internal import ConnectorHost
internal import Crypto
internal import Glibc
internal import Identifiers
internal import JSON
internal import Log
internal import Platform
package import Store

extension SyncWorker {
    /// Goes the whole way of a record on a copy of the tenant's rows, and keeps what came of it as the run's plan.
    func plan(_ lease: RunLease, log: Logger) async throws -> Run {
        let read = try await sources(of: lease.run)
        let rehearsal = try await store.rehearsal(lease, now: now())
        do {
            var worker = self
            worker.store = rehearsal.store
            _ = try await worker.apply(rehearsal.lease, log: log)
            guard try await sources(of: lease.run) == read else {
                throw ConnectorError(
                    .data,
                    code: "changed_while_read",
                    message:
                        "The file was changed while it was read: plan again when it is complete."
                )
            }
            let run = try await rehearsal.keep(sources: read, now: now())
            await rehearsal.end()
            return run
        } catch {
            await rehearsal.end()
            throw error
        }
    }

    /// Looks whether an approved plan holds, and makes room for what its run does now.
    func approvedPlan(_ lease: RunLease) async throws -> RunLease {
        if let drift = try await planDrift(lease.run, most: nil) {
            throw ConnectorError(.data, code: "plan_stale", message: drift)
        }
        return try await store.beginApplying(lease, now: now())
    }

    /// Why a run's plan doesn't hold any more, in a sentence; nil if it holds.
    ///
    /// - Parameter most: how many of the rows that it changes are compared, at most; nil for all.
    @concurrent
    package func planDrift(_ run: Run, most: Int64?) async throws -> String? {
        do throws(ConnectorError) {
            guard try await sources(of: run) == run.plan?.sources else {
                return "The file was changed since the plan was made. Nothing was written: plan again."
            }
            if let gone = try await folderDrift(run) { return gone }
        } catch {
            return "\(error.message) Nothing was written: the plan can't be applied."
        }
        return try await store.planDrift(run, most: most)
    }

    /// The SHA-256 of each file that a run reads, by stream.
    private func sources(of run: Run) async throws(ConnectorError) -> [String: String] {
        var hashes: [String: String] = [:]
        var known: [String: String] = [:]
        for stream in run.streams {
            guard let file = try await inputFile(stream.stream, of: run) else { continue }
            if let hash = file.sha256 ?? known[file.path] {
                hashes[stream.stream] = hash
            } else {
                known[file.path] = try SHA256.ofFile(file.path)
                hashes[stream.stream] = known[file.path]
            }
        }
        return hashes
    }

    private func inputFile(_ stream: String, of run: Run) async throws(ConnectorError) -> InputFile? {
        do {
            return try await InputFile.of(stream, in: run, files: files)
        } catch let error as ConnectorError {
            throw error
        } catch {
            throw ConnectorError(
                .unavailable,
                code: "file_unreadable",
                message: "The run's file can't be looked up just now."
            )
        }
    }
}

extension SHA256 {
    /// Of a file's content, in 64 digits.
    fileprivate static func ofFile(_ path: String) throws(ConnectorError) -> String {
        do throws(SystemError) {
            let file = try FileDescriptor.open(path, O_RDONLY)
            var hash = SHA256()
            while true {
                let bytes = try file.read(1 << 20)
                if bytes.isEmpty { return hash.finish().hex }
                hash.update(bytes)
            }
        } catch {
            throw ConnectorError(
                .config,
                code: "file_unreadable",
                message: "The file can't be read: \(error.reason). Put it back, or import another one."
            )
        }
    }
}
