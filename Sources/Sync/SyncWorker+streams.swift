internal import ConnectorHost
internal import Identifiers
internal import JSON
internal import Store

extension SyncWorker {
    /// Refuses to read several streams from one file that hasn't each of them by its name.
    ///
    /// A file with one part gives it to whatever stream is asked for, for an upload's name changes each month: several streams
    /// would all get the same records. Where the run's input names the file of each stream, it is meant so.
    func checkStreams(_ lease: RunLease, _ inputs: [String: InputFile]) async throws {
        guard lease.run.input["files"] == nil, inputs.count > 1, let input = inputs.values.first else { return }
        let answer = try await connectors.ask(
            .discover,
            provider: lease.config.provider,
            tenant: lease.job.tenant,
            settings: lease.config.settings,
            secrets: try await secrets(lease.config),
            inputs: [input.input],
            deadline: nil,
            config: lease.config.id
        )
        let offered = try DiscoveredStream.list(answer).map(\.name)
        let missing = inputs.keys.filter { !offered.contains($0) }.sorted()
        guard !missing.isEmpty else { return }
        throw ConnectorError(
            .config,
            code: "stream_needed",
            message: "Several streams are to be read from \(input.name), which has no \(Self.quoted(missing)); it has "
                + "\(Self.quoted(offered)). Sync one of them by its name as stream, name the file of each as files, or map "
                + "streams that are called as the file's parts are."
        )
    }

    private static func quoted(_ names: [String]) -> String {
        let shown = names.prefix(20).map { "\"\($0)\"" }.joined(separator: ", ")
        return names.count > 20 ? "\(shown) and \(names.count - 20) more" : shown
    }
}
