/// The queue's name for a sync, by where the records come from and what set it off.
enum JobKind {
    static func of(_ request: SyncRequest, provider: String) -> String {
        request.kind == RunKind.replay ? "replay_job" : sync(provider: provider, trigger: request.trigger)
    }

    static func sync(provider: String, trigger: String) -> String {
        switch (provider, trigger) {
        case ("database", _): "database_sync_job"
        case ("rest", _): "api_sync_job"
        case ("file", "schedule"): "file_scheduled_import"
        default: "sync_job"
        }
    }
}
