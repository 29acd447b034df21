package analyzer

// AuthzFacts says what AuthorizationPolicies make of a port.
type AuthzFacts struct {
	Evidence
	Covered Tri `json:"covered" doc:"a policy in force denies whoever it does not name"`
}
