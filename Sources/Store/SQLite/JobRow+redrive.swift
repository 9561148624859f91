internal import Identifiers
internal import JSON
internal import SQLite
internal import Time

extension JobRow {
    /// A dead job's request once more. Dead is dead once: two clicks make one run.
    static func redrive(
        _ connection: SQLiteConnection,
        _ id: UUID,
        actor: String,
        tenant: UUID,
        _ now: Instant
    ) throws(StoreError) -> Run {
        guard let job = try find(connection, id, tenant: tenant) else {
            throw StoreError(.notFound, "There is no job \(id).")
        }
        guard job.state == .dead else {
            throw StoreError(.conflict, "Only a dead job can be redriven; job \(id) is \(job.state.rawValue).")
        }
        let run = try RunRow.require(connection, id, tenant: tenant)
        guard let config = try ConfigRow.find(connection, run.config, tenant: tenant) else {
            throw StoreError(.conflict, "The configuration of job \(id) was deleted: there is nothing to sync.")
        }
        // A path is the command line's own: nobody may have the host open one over the network.
        guard let input = run.input.objectValue, input["path"] == nil else {
            throw StoreError(
                .notRepeatable,
                "Job \(id) can't be redriven: it read a file that was named on the command line. Import that file again, or "
                    + "upload it and sync."
            )
        }
        var request = SyncRequest(
            config: config.id,
            trigger: "manual",
            streams: run.streams.map { RunStream(stream: $0.stream, entity: $0.entity) },
            mappingVersion: try MappingRows.newestVersion(connection, config: config.id, tenant: tenant) ?? 0,
            input: run.input,
            actor: actor
        )
        request.kind = run.kind
        // What was to stop at a plan, or was refused because its plan didn't hold, plans again and writes nothing.
        if run.isUnapplied { request.isDryRun = true }
        // A run of a folder looks for a file first.
        request.bringsNewer = input["folder"] == nil
        let again = try enqueue(connection, request, config, now)
        try connection.change(
            "UPDATE integration_jobs SET state = 'done', updated_at = ?3 WHERE tenant_id = ?1 AND run_id = ?2",
            [.id(tenant), .id(id), .time(now)]
        )
        try Audit.write(
            connection,
            "job.redriven",
            "run",
            id,
            detail: "{\"run\":\"\(again.id)\"}",
            actor: actor,
            tenant: tenant,
            now: now
        )
        return again
    }
}
