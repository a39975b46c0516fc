"""What connections to any venue need: HTTP, websockets, pacing, signs of life."""
