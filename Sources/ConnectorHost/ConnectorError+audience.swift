extension ConnectorError {
    /// Whether the host is at fault (its folders, files, processes), so that the message is for whoever runs it.
    package var isAboutTheHost: Bool { Self.hostCodes.contains(code) }

    /// For a tenant's people: names nothing of the host. A connector's own words are for them.
    package var tenantMessage: String {
        switch code {
        case "unknown_provider":
            "The provider's connector is not installed here. Whoever runs TrainFlow can install it."
        case _ where Self.inputCodes.contains(code):
            "The file can't be opened any more. Upload it again; whoever runs TrainFlow finds why in its log."
        case _ where isAboutTheHost:
            "The connector can't be used just now. Whoever runs TrainFlow finds why in its log."
        default: message
        }
    }

    private static let inputCodes: Set = ["input_gone", "input_unreadable", "input_no_file"]

    private static let hostCodes: Set = inputCodes.union([
        "plugins_folder_unreadable", "plugins_folder_open", "connector_refused", "connector_changed",
        "connector_unread",
        "unknown_provider", "runner_not_started", "no_thread",
    ])
}
