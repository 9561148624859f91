extension ConnectorError {
    /// For a tenant's people: names nothing of the host. A connector's own words are for them.
    package var tenantMessage: String {
        guard isAboutTheHost else { return message }
        return switch code {
        case "unknown_provider":
            "The provider's connector is not installed here. Whoever runs TrainFlow can install it."
        case "input_gone", "input_unreadable", "input_no_file":
            "The file can't be opened any more. Upload it again; whoever runs TrainFlow finds why in its log."
        default:
            "The connector can't be used just now. Whoever runs TrainFlow finds why in its log."
        }
    }
}
