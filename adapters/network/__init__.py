"""What connections to any venue need: pacing, waiting, answers in time, websockets."""
