"""What connections to any venue need: HTTP, websockets, pacing, liveness."""
